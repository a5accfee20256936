"""Transfer2.5: all of `examples/inference.py` but the networks.

Real are the classes of `config.py`, the command line, the reading of spec files, the choice of checkpoints, the size a
resolution stands for, the windows, and the division of a window among GPUs.
"""

import runpy
import sys
import types
from pathlib import Path

from nvidia_parsers.stand_ins import Shape, StandIn, StandIns, torch_attributes

_THIRD_PARTY = ("cv2", "einops", "imageio", "matplotlib", "megatron", "PIL", "pyinstrument", "torch", "torchvision")
_MODELS = (
    "cosmos_transfer2._src.imaginaire.auxiliary",
    "cosmos_transfer2._src.imaginaire.lazy_config",
    "cosmos_transfer2._src.imaginaire.utils.distributed",
    "cosmos_transfer2._src.imaginaire.utils.easy_io",
    "cosmos_transfer2._src.imaginaire.utils.misc",
    "cosmos_transfer2._src.imaginaire.visualize",
    "cosmos_transfer2._src.interactive",
    "cosmos_transfer2._src.predict2",
    "cosmos_transfer2._src.transfer2",
)
_REAL = (
    "cosmos_transfer2._src.predict2",
    "cosmos_transfer2._src.predict2.datasets",
    "cosmos_transfer2._src.predict2.datasets.utils",
    "cosmos_transfer2._src.predict2.networks",
    "cosmos_transfer2._src.predict2.networks.a2a_cp",
    "cosmos_transfer2._src.transfer2",
    "cosmos_transfer2._src.transfer2.inference",
    "cosmos_transfer2._src.transfer2.inference.inference_pipeline",
)

# Attention heads of the network (x/configs/vid2vid_transfer/defaults/net.py:TRANSFER2_CONTROL2WORLD_NET_2B).
_HEADS = 16
# Pixels and frames that one latent stands for.
_SPATIAL, _TEMPORAL = 8, 4


def import_paths(checkout):
    """Folders that the program's imports start from."""
    return [checkout, checkout / "packages" / "cosmos-oss"]


def prepare(record):
    """Stands in for what is not there. `record` gets what the program is about to generate."""
    stand_ins = StandIns((*_THIRD_PARTY, *_MODELS), _REAL)
    torch_attributes(stand_ins)
    # The packages refuse to load without a CUDA build of their own release.
    sys.modules["cosmos_cuda"] = types.SimpleNamespace(__version__=_EveryRelease())
    stand_ins.set("cosmos_transfer2._src.imaginaire.utils.distributed", get_rank=lambda *_: 0)
    return stand_ins


def run(launch, checkout, record):
    """Runs the program; it ends as if every sample had been generated."""
    # Setting the program's environment up reads the flags, so these imports wait until now.
    from cosmos_transfer2 import inference
    from cosmos_transfer2._src.transfer2.inference.inference_pipeline import ControlVideo2WorldInference

    class Pipeline(StandIn):
        """The pipeline, of which only the windows are real."""

        windows = ControlVideo2WorldInference._get_num_chunks

    inference.ControlVideo2WorldInference = Pipeline

    def generate(self, samples, output_dir):
        record["setup"] = self.setup_args.model_dump(mode="json")
        record["output_dir"] = str(output_dir)
        record["batch_hint_keys"] = self.batch_hint_keys
        record["checkpoints"] = self.checkpoint_list
        record["samples"] = [
            {**sample.model_dump(mode="json"), "seg_control_prompt": sample.seg_control_prompt} for sample in samples
        ]
        record["windows"] = [_windows(self.inference_pipeline, sample, record["frames"]) for sample in samples]
        for sample in samples:
            _split_a_window(sample, self.setup_args.context_parallel_size)

    inference.Control2WorldInference.generate = generate
    sys.argv = [launch.program, *launch.arguments]
    runpy.run_path(str(Path(checkout) / launch.program), run_name="__main__")


def _windows(pipeline, sample, frames):
    """How many windows a sample takes."""
    video = Shape(3, min(frames, sample.max_frames or frames), 720, 1280)
    return pipeline.windows(video, sample.num_video_frames_per_chunk, sample.num_conditional_frames)[1]


def _split_a_window(sample, gpus):
    """Looks the working size up, and divides a window among the GPUs as the network does in every step."""
    from cosmos_transfer2._src.imaginaire.utils.context_parallel import find_split
    from cosmos_transfer2._src.predict2.datasets.utils import VIDEO_RES_SIZE_INFO
    from cosmos_transfer2._src.predict2.networks import a2a_cp

    width, height = VIDEO_RES_SIZE_INFO[sample.resolution]["16,9"]
    if gpus <= 1:
        return
    frames = (sample.num_video_frames_per_chunk - 1) // _TEMPORAL + 1
    find_split((1, 16, frames, height // _SPATIAL, width // _SPATIAL), gpus)
    a2a_cp.dist.get_world_size = lambda _group: gpus
    a2a_cp.rearrange = lambda tensor, *_pattern, **_sizes: tensor
    a2a_cp.single_all_to_all(Shape(1, 128, _HEADS, 128), True, None)


class _EveryRelease:
    """Equal to every release."""

    def __eq__(self, _other):
        return True

    def __ne__(self, _other):
        return False

    __hash__ = None
