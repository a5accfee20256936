"""Transfer1: all of `transfer.py` but the pipeline that it builds.

Real are the flags, `load_controlnet_specs`, `validate_controlnet_specs`, the choice of what is derived, the reading of
regions and batches, and the division of a window among GPUs.
"""

import runpy
import sys
from pathlib import Path

from nvidia_parsers.stand_ins import StandIn, StandIns, torch_attributes

_REAL = (
    "cosmos_transfer1",
    "cosmos_transfer1.checkpoints",
    "cosmos_transfer1.diffusion",
    "cosmos_transfer1.diffusion.inference",
    "cosmos_transfer1.diffusion.inference.inference_utils",
    "cosmos_transfer1.diffusion.inference.preprocessors",
    "cosmos_transfer1.diffusion.module",
    "cosmos_transfer1.diffusion.module.parallel",
    "cosmos_transfer1.utils",
    "cosmos_transfer1.utils.io",
    "cosmos_transfer1.utils.log",
    "cosmos_transfer1.utils.misc",
    "cosmos_transfer1.utils.video_utils",
)
_THIRD_PARTY = ("cv2", "einops", "imageio", "magic", "matplotlib", "megatron", "torch", "torchvision", "transformers")
_PIPELINES = "cosmos_transfer1.diffusion.inference.world_generation_pipeline"

# A window's latent frames: (121 - 1) / 8 + 1 (di/inference_utils.py, module/parallel.py:split_inputs_cp).
_LATENT_FRAMES = 16


def import_paths(checkout):
    """Folders that the program's imports start from."""
    return [checkout]


def prepare(record):
    """Stands in for what is not there. `record` gets the values that the program hands its pipeline."""
    stand_ins = StandIns((*_THIRD_PARTY, "cosmos_transfer1"), _REAL)
    torch_attributes(stand_ins)
    stand_ins.set("magic", from_file=_mime_type)
    stand_ins.set("cosmos_transfer1.utils.distributed", get_rank=lambda *_: 0)
    # What does the deriving only notes that it was asked to.
    derived = record.setdefault("derived", [])
    for module, name in _DERIVERS:
        stand_ins.set(f"cosmos_transfer1.auxiliary.{module}", **{name: _deriver(name, derived)})
    pipeline = _pipeline(record)
    stand_ins.set(
        _PIPELINES,
        DiffusionControl2WorldGenerationPipeline=pipeline,
        DistilledControl2WorldGenerationPipeline=pipeline,
    )
    return stand_ins


def run(launch, checkout, record):
    """Runs the program; it ends as if the pipeline had worked."""
    from cosmos_transfer1.utils import video_utils

    # Whether a region is a video is looked at; its frames would need OpenCV and torch.
    video_utils.video_to_tensor = lambda path, target: record["derived"].append({"by": "video_to_tensor", "of": path})
    program = Path(checkout) / launch.program
    sys.argv = [launch.program, *launch.arguments]
    scope = runpy.run_path(str(program), run_name="__main__")
    record["arguments"] = vars(scope["args"])
    _split_a_window(scope["args"].num_gpus)


_DERIVERS = (
    ("depth_anything.model.depth_anything", "DepthAnythingModel"),
    ("edge_control.edge_control", "EdgeControlModel"),
    ("human_keypoint.human_keypoint", "HumanKeypointModel"),
    ("sam2.sam2_model", "VideoSegmentationModel"),
    ("vis_control.vis_control", "VisControlModel"),
)


def _deriver(name, derived):
    class Deriver:
        def __init__(self, **options):
            self._options = options

        def __call__(self, *arguments, **options):
            derived.append({"by": name, "arguments": list(arguments), **self._options, **options})

    return Deriver


def _pipeline(record):
    class Pipeline:
        regional_prompts = None
        region_definitions = None

        def __init__(self, **options):
            self._options = options
            record["pipeline"] = {key: value for key, value in options.items() if key != "process_group"}

        def generate(self, **options):
            batch = {**options, "regional_prompts": self.regional_prompts}
            batch["region_definitions"] = self.region_definitions
            record.setdefault("batches", []).append(batch)
            return ([], [], []) if self._options.get("save_input_noise") else ([], [])

    return Pipeline


class _Latent:
    """A latent that has a shape and nothing else."""

    device = None

    def __init__(self, shape):
        self.shape = shape

    def view(self, *shape):
        return _Latent(shape)

    def index_select(self, *_where):
        return self


def _split_a_window(num_gpus):
    """Divides a window among the GPUs, as the network does in every step."""
    if num_gpus <= 1:
        return
    from cosmos_transfer1.diffusion.module import parallel

    parallel.get_process_group_ranks = lambda _group: list(range(num_gpus))
    parallel.split_inputs_cp(_Latent((1, 16, _LATENT_FRAMES, 88, 160)), seq_dim=2, cp_group=StandIn())


def _mime_type(path, mime=False):
    """What libmagic answers for the containers that the program knows."""
    with open(path, "rb") as file:
        head = file.read(40)
    if head[4:8] == b"ftyp":
        return "video/quicktime" if head[8:10] == b"qt" else "video/mp4"
    if head.startswith(b"\x1aE\xdf\xa3"):
        return "video/webm" if b"webm" in head else "video/x-matroska"
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        return "video/x-msvideo"
    return "application/octet-stream"
