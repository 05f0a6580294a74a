"""The trained networks that ship with the package, each run on the thread that asks."""

from importlib.resources import files

import onnxruntime


def load_network(name: str) -> onnxruntime.InferenceSession:
    """The network of a file of model/. Threads of its own would only wait for each other: a classifier has one core."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    model = files("siegewatch.detect").joinpath("model", name).read_bytes()
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
