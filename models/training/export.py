"""Writes a trained captioner as the files that Optimum publishes, and checks them against torch.

    python export.py HEAD.pt DECODER.pt TOKENIZER CONCEPTS SHARPNESS.json OUT

Weights of the encoder are stored as half floats and computed in floats; the decoder's matrices are stored as 8 bits with
a scale for each output. Both are spread out again when a session is made.
"""

import json
import os
import shutil
import sys

import numpy as np
import onnx
import onnxruntime as ort
import torch
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from torch import nn

import model
from concepts import Concepts

LENGTH = 32


class Encoder(nn.Module):
    def __init__(self, stem, top, head, tokens, spread):
        super().__init__()
        self.whole, self.tokens = model.Whole(stem, top, head), tokens
        self.bias, self.temperature = (nn.Parameter(x, requires_grad=False) for x in spread)

    def forward(self, pixel_values):
        logits = self.whole(pixel_values)
        return self.tokens(self.tokens.probabilities(logits, (self.bias, self.temperature))), logits


class Decoder(nn.Module):
    """GPT-2 with cross attention, with or without past keys and values, written out for export."""

    def __init__(self, gpt, past):
        super().__init__()
        self.gpt, self.past = gpt, past

    def attend(self, q, k, v, masked):
        b, n, w = q.shape
        h, d = model.HEADS, w // model.HEADS
        q = q.view(b, n, h, d).transpose(1, 2)
        scores = q @ k.transpose(2, 3) / d ** .5
        if masked:
            total = k.shape[2]
            rows = torch.arange(total, device=q.device)[total - n:].unsqueeze(1)
            scores = scores.masked_fill(torch.arange(total, device=q.device).unsqueeze(0) > rows, -1e9)
        return (scores.softmax(-1) @ v).transpose(1, 2).reshape(b, n, w)

    def split(self, x):
        b, n, w = x.shape
        return x.view(b, n, model.HEADS, w // model.HEADS).transpose(1, 2)

    def forward(self, input_ids, encoder_hidden_states, *past):
        t = self.gpt.transformer
        seen = past[0].shape[2] if past else 0
        n = input_ids.shape[1]
        places = torch.arange(seen + n, device=input_ids.device)[seen:]
        x = t.wte(input_ids) + t.wpe(places).unsqueeze(0)
        present = []
        for i, block in enumerate(t.h):
            q, k, v = block.attn.c_attn(block.ln_1(x)).chunk(3, 2)
            k, v = self.split(k), self.split(v)
            if past:
                k, v = torch.cat([past[2 * i], k], 2), torch.cat([past[2 * i + 1], v], 2)
            present += [k, v]
            x = x + block.attn.c_proj(self.attend(q, k, v, True))
            y = block.ln_cross_attn(x)
            k, v = block.crossattention.c_attn(encoder_hidden_states).chunk(2, 2)
            x = x + block.crossattention.c_proj(self.attend(block.crossattention.q_attn(y), self.split(k), self.split(v), False))
            x = x + block.mlp(block.ln_2(x))
        return (self.gpt.lm_head(t.ln_f(x)), *present)


def shrink(path, eight_bits):
    """Stores large weights as 8 bits (matrices) or half floats and casts them back in the graph."""
    m = onnx.load(path)
    g = m.graph
    nodes, keep = [], []
    for w in g.initializer:
        a = numpy_helper.to_array(w)
        if a.dtype != np.float32 or a.size < 256:
            keep.append(w)
            continue
        name = w.name
        if eight_bits and a.ndim == 2 and a.size > 4096:
            # Scaled along the outputs: columns of GPT-2's matrices, rows of embeddings.
            axis = 0 if a.shape[0] > a.shape[1] and a.shape[1] == model.WIDTH and a.shape[0] in (g_vocabulary(m), model.POSITIONS) else 1
            scale = np.maximum(np.abs(a).max(1 - axis), 1e-8) / 127
            q = np.round(a / np.expand_dims(scale, 1 - axis)).astype(np.int8)
            keep += [numpy_helper.from_array(q, name + ".q"), numpy_helper.from_array(scale.astype(np.float32), name + ".s"), numpy_helper.from_array(np.zeros(scale.shape, np.int8), name + ".z")]
            nodes.append(helper.make_node("DequantizeLinear", [name + ".q", name + ".s", name + ".z"], [name], axis=axis))
        else:
            keep.append(numpy_helper.from_array(a.astype(np.float16), name + ".h"))
            nodes.append(helper.make_node("Cast", [name + ".h"], [name], to=TensorProto.FLOAT))
    del g.initializer[:]
    g.initializer.extend(keep)
    old = list(g.node)
    del g.node[:]
    g.node.extend(nodes + old)
    m.producer_name = "cosmos training"
    onnx.checker.check_model(m)
    onnx.save(m, path)


def g_vocabulary(m):
    return next(int(d.dim_value) for o in m.graph.output if o.name == "logits" for d in [o.type.tensor_type.shape.dim[2]])


def write_json(path, value):
    with open(path, "w") as f:
        json.dump(value, f, indent=2)
        f.write("\n")


def load(seeing, speaking, tokenizer, concepts_path):
    """All trained parts, with the settings that the head was trained to."""
    tok = Tokenizer.from_file(tokenizer)
    net = model.backbone()
    concepts = Concepts.load(concepts_path)
    stem, top, head = model.Stem(net), model.Top(net), model.Heads(concepts.size, concepts.groups[0][1])
    tokens, gpt = model.Tokens(concepts.groups), model.decoder(tok.get_vocab_size(), 0)
    state = torch.load(seeing, weights_only=True)
    top.load_state_dict(state["top"])
    head.load_state_dict(state["head"])
    settings = model.settings(state["temperature"])
    state = torch.load(speaking, weights_only=True)
    tokens.load_state_dict(state["tokens"])
    gpt.load_state_dict(state["decoder"])
    return stem, top, head.eval(), tokens, gpt.eval(), settings, tok, concepts


def main(seeing, speaking, tokenizer, concepts_path, sharpness, out):
    os.makedirs(out, exist_ok=True)
    torch.set_num_threads(1)
    stem, top, head, tokens, gpt, _, tok, concepts = load(seeing, speaking, tokenizer, concepts_path)
    with open(sharpness) as f:
        settings = json.load(f)
    encoder = Encoder(stem, top, head, tokens, model.spread(settings, concepts)).eval()
    pixels = torch.randn(2, 3, 224, 224)
    ids = torch.randint(0, 500, (2, 5))
    with torch.no_grad():
        seen, _ = encoder(pixels)
        reference = gpt(input_ids=ids, encoder_hidden_states=seen, use_cache=False).logits
        first, later = Decoder(gpt, False).eval(), Decoder(gpt, True).eval()
        logits, *present = first(ids[:, :4], seen)
        step, *_ = later(ids[:, 4:], seen, *present)
        print("own decoder against transformers", (logits - reference[:, :4]).abs().max().item(), (step - reference[:, 4:]).abs().max().item())
    names = [f"{i}.{kv}" for i in range(model.LAYERS) for kv in ("key", "value")]
    past = {f"past_key_values.{n}": {0: "batch_size", 2: "past_sequence_length"} for n in names}
    now = {f"present.{n}": {0: "batch_size", 2: "total_sequence_length"} for n in names}
    common = {"input_ids": {0: "batch_size", 1: "sequence_length"}, "encoder_hidden_states": {0: "batch_size"}, "logits": {0: "batch_size", 1: "sequence_length"}}
    how = dict(opset_version=17, dynamo=False, do_constant_folding=True)
    paths = {n: os.path.join(out, f"{n}.onnx") for n in ("encoder_model", "decoder_model", "decoder_with_past_model")}
    torch.onnx.export(encoder, (pixels,), paths["encoder_model"], input_names=["pixel_values"], output_names=["last_hidden_state", "concepts"], dynamic_axes={"pixel_values": {0: "batch_size"}, "last_hidden_state": {0: "batch_size"}, "concepts": {0: "batch_size"}}, **how)
    torch.onnx.export(first, (ids, seen), paths["decoder_model"], input_names=["input_ids", "encoder_hidden_states"], output_names=["logits", *now], dynamic_axes={**common, **now}, **how)
    torch.onnx.export(later, (ids[:, 4:], seen, *present), paths["decoder_with_past_model"], input_names=["input_ids", "encoder_hidden_states", *past], output_names=["logits", *now], dynamic_axes={**common, **past, **now}, **how)
    shrink(paths["encoder_model"], False)
    shrink(paths["decoder_model"], True)
    shrink(paths["decoder_with_past_model"], True)
    shutil.copy(tokenizer, os.path.join(out, "tokenizer.json"))
    write_json(os.path.join(out, "config.json"), {
        "architectures": ["VisionEncoderDecoderModel"], "model_type": "vision-encoder-decoder", "is_encoder_decoder": True, "decoder_start_token_id": 0, "bos_token_id": 0, "eos_token_id": 0, "pad_token_id": 0,
        "encoder": {"model_type": "efficientnet-lite0", "hidden_size": model.WIDTH, "image_size": 224, "num_channels": 3},
        "decoder": {"model_type": "gpt2", "add_cross_attention": True, "is_decoder": True, "activation_function": "gelu_new", "layer_norm_epsilon": 1e-5, "n_embd": model.WIDTH, "n_head": model.HEADS, "n_layer": model.LAYERS, "n_positions": model.POSITIONS,
                    "vocab_size": tok.get_vocab_size(), "bos_token_id": 0, "eos_token_id": 0}})
    with open(os.path.join(out, "concepts.json"), "w") as f:
        # A line for each aspect, in the order of the output `concepts`.
        rows = [json.dumps({"name": k, "several": several, "words": concepts.members[k]}) for k, _, several in concepts.groups]
        f.write("[\n  " + ",\n  ".join(rows) + "\n]\n")
    write_json(os.path.join(out, "generation_config.json"), {"bos_token_id": 0, "eos_token_id": 0, "pad_token_id": 0, "decoder_start_token_id": 0, "max_length": LENGTH, "num_beams": 1})
    write_json(os.path.join(out, "preprocessor_config.json"), {"image_processor_type": "ViTImageProcessor", "do_convert_rgb": True, "do_resize": True, "size": {"height": 224, "width": 224}, "resample": 2, "do_rescale": True, "rescale_factor": 1 / 255,
                                                               "do_normalize": True, "image_mean": [127 / 255] * 3, "image_std": [128 / 255] * 3})
    sessions = {n: ort.InferenceSession(p, providers=["CPUExecutionProvider"]) for n, p in paths.items()}
    e = sessions["encoder_model"].run(None, {"pixel_values": pixels.numpy()})[0]
    l, *kv = sessions["decoder_model"].run(None, {"input_ids": ids[:, :4].numpy(), "encoder_hidden_states": e})
    s, *_ = sessions["decoder_with_past_model"].run(None, {"input_ids": ids[:, 4:].numpy(), "encoder_hidden_states": e, **{f"past_key_values.{n}": v for n, v in zip(names, kv)}})
    print("stored against torch: encoder", np.abs(e - seen.numpy()).max(), "logits", np.abs(l - reference[:, :4].numpy()).max(), np.abs(s - reference[:, 4:].numpy()).max(), "of", reference.abs().max().item())
    print({n: round(os.path.getsize(p) / 1e6, 2) for n, p in paths.items()}, "MB")


if __name__ == "__main__":
    main(*sys.argv[1:])
