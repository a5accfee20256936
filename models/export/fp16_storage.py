"""Halves an ONNX file: large weights are stored as 16-bit floats and cast back to 32 bits where they are used.

The engine does the casts once, when it loads the graph, so that nothing is computed in 16 bits.
"""

import numpy as np
from onnx import ModelProto, TensorProto, helper, numpy_helper

# Smaller ones, such as biases, are left as they are: there is nothing to save.
SMALLEST = 256


def store_as_fp16(model: ModelProto) -> int:
    """Changes `model` in place and returns how many weights are stored in half the space."""
    casts = []
    for weight in model.graph.initializer:
        values = numpy_helper.to_array(weight)
        fits = values.dtype == np.float32 and np.abs(values).max(initial=0) < np.finfo(np.float16).max
        if not fits or values.size < SMALLEST:
            continue
        name = weight.name
        weight.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}_fp16"))
        casts.append(helper.make_node("Cast", [f"{name}_fp16"], [name], to=TensorProto.FLOAT))
    nodes = casts + list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return len(casts)
