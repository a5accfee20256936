"""Transfer2.5: all of `examples/inference.py` but the networks.

Real are the classes of `config.py`, the command line, the reading of spec files, and the choice of checkpoints.
"""

import runpy
import sys
import types
from pathlib import Path

from nvidia_parsers.stand_ins import StandIns, torch_attributes

_THIRD_PARTY = ("cv2", "einops", "imageio", "matplotlib", "megatron", "PIL", "pyinstrument", "torch", "torchvision")
_MODELS = (
    "cosmos_transfer2._src.imaginaire.auxiliary",
    "cosmos_transfer2._src.imaginaire.lazy_config",
    "cosmos_transfer2._src.imaginaire.utils.distributed",
    "cosmos_transfer2._src.imaginaire.utils.misc",
    "cosmos_transfer2._src.imaginaire.visualize",
    "cosmos_transfer2._src.predict2",
    "cosmos_transfer2._src.transfer2",
)


def import_paths(checkout):
    """Folders that the program's imports start from."""
    return [checkout, checkout / "packages" / "cosmos-oss"]


def prepare(record):
    """Stands in for what is not there. `record` gets what the program is about to generate."""
    stand_ins = StandIns((*_THIRD_PARTY, *_MODELS))
    torch_attributes(stand_ins)
    # The packages refuse to load without a CUDA build of their own release.
    sys.modules["cosmos_cuda"] = types.SimpleNamespace(__version__=_EveryRelease())
    stand_ins.set("cosmos_transfer2._src.imaginaire.utils.distributed", get_rank=lambda *_: 0)
    return stand_ins


def run(launch, checkout, record):
    """Runs the program; it ends as if every sample had been generated."""
    # Setting the program's environment up reads the flags, so these imports wait until now.
    from cosmos_transfer2.inference import Control2WorldInference

    def generate(self, samples, output_dir):
        record["setup"] = self.setup_args.model_dump(mode="json")
        record["output_dir"] = str(output_dir)
        record["batch_hint_keys"] = self.batch_hint_keys
        record["checkpoints"] = self.checkpoint_list
        record["samples"] = [
            {**sample.model_dump(mode="json"), "seg_control_prompt": sample.seg_control_prompt} for sample in samples
        ]

    Control2WorldInference.generate = generate
    sys.argv = [launch.program, *launch.arguments]
    runpy.run_path(str(Path(checkout) / launch.program), run_name="__main__")


class _EveryRelease:
    """Equal to every release."""

    def __eq__(self, _other):
        return True

    def __ne__(self, _other):
        return False

    __hash__ = None
