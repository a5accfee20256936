"""Cosmos 3: all of `cosmos_framework.scripts.inference` but the model.

Real are the classes of `args.py`, the command line, the reading of spec files, the parallelism, the choice of the
checkpoint's configuration, and `build_sample` with its defaults and tuned values.
"""

import contextlib
import runpy
import sys
import typing
from pathlib import Path

from nvidia_parsers.stand_ins import StandIns, torch_attributes

_THIRD_PARTY = (
    "cv2",
    "einops",
    "hydra",
    "imageio",
    "iopath",
    "megatron",
    "PIL",
    "pynvml",
    "torch",
    "torchvision",
    "transformers",
)
_MODELS = (
    "cosmos_framework.data",
    "cosmos_framework.inference.common.inference",
    "cosmos_framework.inference.inference",
    "cosmos_framework.model",
    "cosmos_framework.trainer",
    "cosmos_framework.utils.callback",
    "cosmos_framework.utils.distributed",
    "cosmos_framework.utils.easy_io",
    "cosmos_framework.utils.generator",
    "cosmos_framework.utils.misc",
)


def import_paths(checkout):
    """Folders that the program's imports start from."""
    return [checkout]


def prepare(record):
    """Stands in for what is not there. `record` gets what the program is about to generate."""
    if not hasattr(typing, "override"):
        # Python 3.12 brought it.
        import typing_extensions

        typing.override = typing_extensions.override
    stand_ins = StandIns((*_THIRD_PARTY, *_MODELS))
    torch_attributes(stand_ins)
    stand_ins.set("pynvml", nvmlInit=_no_gpu)
    stand_ins.set("cosmos_framework.inference.common.inference", sync_distributed_errors=contextlib.nullcontext)
    stand_ins.set("cosmos_framework.inference.inference", OmniInference=_inference(record))
    return stand_ins


def run(launch, checkout, record):
    """Runs the program; it ends as if every sample had been generated."""
    from cosmos_framework.inference.common import args

    # A URL is taken as it is: nothing is fetched while checking.
    args._download_file_url = lambda _url, path: path.write_bytes(b"")
    if launch.is_module:
        sys.argv = [launch.program, *launch.arguments]
        runpy.run_module(launch.program, run_name="__main__", alter_sys=True)
    else:
        sys.argv = [launch.program, *launch.arguments]
        runpy.run_path(str(Path(checkout) / launch.program), run_name="__main__")


def _no_gpu():
    raise RuntimeError("no GPU")


def _inference(record):
    class OmniInference:
        def __init__(self, setup):
            from omegaconf import OmegaConf

            self.setup = setup
            self.model_config = OmegaConf.create(setup.load_model_config_dict()).config

        @classmethod
        def create(cls, setup):
            return cls(setup)

        def generate(self, samples):
            setup = self.setup.model_dump(mode="json")
            record["setup"] = {key: value for key, value in setup.items() if key != "sample_overrides"}
            record["samples"] = [sample.model_dump(mode="json") for sample in samples]

        def get_timer_results(self):
            return {}

    return OmniInference
