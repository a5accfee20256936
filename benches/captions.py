"""The loop of benches/captions.rs in Python: transformers' image processor, onnxruntime, greedy search with a cache."""

import json
import sys
import time

import numpy as np
import onnxruntime
from PIL import Image
from transformers import ViTImageProcessor

folder, picture, threads, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = threads


def session(name):
    return onnxruntime.InferenceSession(f"{folder}/{name}.onnx", options, providers=["CPUExecutionProvider"])


started = time.perf_counter()
encoder, decoder = session("encoder_model"), session("decoder_model_merged")
processor = ViTImageProcessor.from_pretrained(folder)
with open(f"{folder}/generation_config.json") as file:
    config = json.load(file)
with open(f"{folder}/config.json") as file:
    gpt2 = json.load(file)["decoder"]
heads, size = gpt2["n_head"], gpt2["n_embd"] // gpt2["n_head"]
past_names = [value.name for value in decoder.get_inputs() if value.name.startswith("past_key_values.")]
output_names = ["logits"] + [name.replace("past_key_values", "present") for name in past_names]
print(f"opened in {time.perf_counter() - started:.2f} s")

photo = Image.open(picture).convert("RGB")
for _ in range(rounds):
    started = time.perf_counter()
    pixels = processor(images=photo, return_tensors="np").pixel_values
    states = encoder.run(["last_hidden_state"], {"pixel_values": pixels})[0]
    tokens = [config["decoder_start_token_id"]]
    past = [np.zeros((1, heads, 0, size), np.float32)] * len(past_names)
    while len(tokens) < config["max_length"]:
        feed = {
            "input_ids": np.array([tokens[-1:]]),
            "encoder_hidden_states": states,
            "use_cache_branch": np.array([len(tokens) > 1]),
        }
        logits, *past = decoder.run(output_names, feed | dict(zip(past_names, past)))
        scores = logits[0, -1]
        if len(tokens) < config["min_length"]:
            scores[config["eos_token_id"]] = -np.inf
        tokens.append(int(scores.argmax()))
        if tokens[-1] == config["eos_token_id"]:
            break
    print(f"{time.perf_counter() - started:.3f} s, tokens {tokens}")
