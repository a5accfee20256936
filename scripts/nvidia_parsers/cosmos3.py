"""Cosmos 3: all of `cosmos_framework.scripts.inference` but the model.

Real are the classes of `args.py`, the command line, the reading of spec files, the parallelism, the choice of the
checkpoint's configuration, `build_sample` with its defaults and tuned values, and what `generate_transfer_sample` does
before it asks the model for the first window, and the division of attention heads among GPUs.
"""

import contextlib
import json
import runpy
import sys
import typing
from pathlib import Path

from nvidia_parsers.stand_ins import Shape, StandIn, StandIns, torch_attributes

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
_REAL = (
    "cosmos_framework.data",
    "cosmos_framework.data.generator",
    "cosmos_framework.data.generator.utils",
    "cosmos_framework.model",
    "cosmos_framework.model.generator",
    "cosmos_framework.model.generator.mot",
    "cosmos_framework.model.generator.mot.context_parallel_utils",
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
    stand_ins = StandIns((*_THIRD_PARTY, *_MODELS), _REAL)
    torch_attributes(stand_ins)
    stand_ins.set("torch", zeros_like=lambda tensor: tensor)
    stand_ins.set("pynvml", nvmlInit=_no_gpu)
    stand_ins.set("cosmos_framework.inference.common.inference", sync_distributed_errors=contextlib.nullcontext)
    stand_ins.set(
        "cosmos_framework.inference.inference", OmniInference=_inference(record), _get_prompt_sample_data=_prompts
    )
    return stand_ins


def run(launch, checkout, record):
    """Runs the program; it ends as if every sample had been generated."""
    from cosmos_framework.inference.common import args

    # A URL is taken as it is: nothing is fetched while checking.
    args._download_file_url = lambda _url, path: path.write_bytes(b"")
    sys.argv = [launch.program, *launch.arguments]
    if launch.is_module:
        runpy.run_module(launch.program, run_name="__main__", alter_sys=True)
    else:
        runpy.run_path(str(Path(checkout) / launch.program), run_name="__main__")


def _split_heads(model_config, gpus):
    """Divides the heads among the GPUs, as every attention does."""
    import cosmos_framework
    from cosmos_framework.model.generator.mot import context_parallel_utils as parallel
    from omegaconf import OmegaConf

    network = model_config.vlm_config.model_instance.config
    name = Path((OmegaConf.select(network, "base_config") or network).json_file).name
    folder = Path(cosmos_framework.__path__[0]) / "model" / "generator" / "reasoner"
    network = json.loads(next(folder.rglob(name)).read_text())
    network = network.get("text_config", network)
    queries = Shape(128, network["num_attention_heads"], 128)
    keys = Shape(128, network["num_key_value_heads"], 128)
    parallel.torch.distributed.get_world_size = lambda _group: gpus
    parallel.get_causal_seq = parallel.get_full_only_seq = lambda states: (states, None)
    parallel._repeat_kv_heads_for_cp = lambda states, _times: states
    parallel.gather_seq_scatter_heads = _reached
    try:
        parallel.context_parallel_attention(StandIn(), queries, keys, keys, None, None)
    except _Reached:
        return
    raise AssertionError("the heads were not divided")


class _Reached(BaseException):
    """A program is as far as it comes without a GPU."""


def _reached(*_arguments, **_options):
    raise _Reached


def _prompts(sample, model, **_size):
    return {model.input_caption_key: [sample.prompt], f"neg_{model.input_caption_key}": [sample.negative_prompt]}


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
            record["windows"] = [self._first_window(sample) for sample in samples if sample.transfer_hints]
            if self.setup.cp_size > 1:
                _split_heads(self.model_config, self.setup.cp_size)

        def _first_window(self, sample):
            """Does what comes before the first window; returns how many windows there are."""
            from cosmos_framework.inference import transfer

            counts = []
            count = transfer._get_num_chunks

            def counted(*arguments):
                counts.append(count(*arguments)[0])
                return count(*arguments)

            def read(_path, *, max_frames, aspect_ratio, **_size):
                frames = min(record["frames"], max_frames or record["frames"])
                return Shape(3, frames, 720, 1280), 24.0, aspect_ratio or "16,9", (720, 1280)

            transfer._get_num_chunks = counted
            transfer.read_and_resize_media = read
            transfer.apply_transfer_control_augmentor = lambda frames, **_options: frames
            transfer.pad_temporal_frames = lambda video, frames: Shape(3, max(frames, video.shape[1]), 720, 1280)
            transfer.uint8_to_normalized_float = lambda video: video
            model = StandIn()
            model.config = self.model_config
            model.input_caption_key = "caption"
            model.generate_samples_from_batch = _reached
            try:
                transfer.generate_transfer_sample(sample, model)
            except _Reached:
                return counts[-1]
            finally:
                transfer._get_num_chunks = count
            raise AssertionError("the model was not asked for a window")

        def get_timer_results(self):
            return {}

    return OmniInference
