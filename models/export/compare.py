"""Prints how far two ONNX graphs with the same inputs and outputs are apart on random input.

usage: compare.py ONE.onnx OTHER.onnx
"""

import sys

import numpy as np
import onnxruntime


def main() -> None:
    sessions = [onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]) for path in sys.argv[1:3]]
    random = np.random.default_rng(1)
    types = {"tensor(float)": np.float32, "tensor(uint8)": np.uint8}
    feed = {}
    for graph_input in sessions[0].get_inputs():
        values = random.integers(0, 256, graph_input.shape)
        if graph_input.type == "tensor(float)":
            values = (values - 127) / 128
        feed[graph_input.name] = values.astype(types[graph_input.type])
    names = [output.name for output in sessions[0].get_outputs()]
    for name, one, other in zip(names, *(session.run(names, feed) for session in sessions)):
        print(f"{name} {list(one.shape)}: largest difference {np.abs(one - other).max():.3g}")


if __name__ == "__main__":
    main()
