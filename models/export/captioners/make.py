"""Makes captioners with random weights, and what transformers says to them.

    python make.py fixtures OUT     small captioners, photos and expected results: the tests' fixtures/. Captioners
                                    that are there are left as they are
    python make.py full-size OUT    one ViT-base + GPT-2 of full size, for benches/captions.sh

Nothing here is needed to build or test. See requirements.txt.
"""

import argparse
import json
import os
import shutil
import tempfile
import warnings
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
# onnxruntime reports on its use otherwise.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import numpy as np
import onnx
import torch
from onnxruntime.transformers.float16 import convert_float_to_float16
from optimum.exporters.onnx import main_export
from PIL import Image
from skimage import data
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import (
    BertTokenizerFast,
    BitImageProcessor,
    BlipConfig,
    BlipForConditionalGeneration,
    BlipImageProcessor,
    CLIPImageProcessor,
    DeiTConfig,
    DeiTImageProcessor,
    GenerationConfig,
    GPT2Config,
    GPT2TokenizerFast,
    VisionEncoderDecoderConfig,
    VisionEncoderDecoderModel,
    ViTConfig,
    ViTImageProcessor,
)
from transformers.utils import logging

warnings.filterwarnings("ignore")
logging.set_verbosity_error()
# The small models are quicker so.
torch.set_num_threads(1)

END = "<|endoftext|>"


def corpus():
    things = "dog cat horse street house river tree car boat tower bridge child woman man table cup".split()
    looks = "small red old bright dark wooden blue wet broken tall empty white".split()
    places = "on a hill|near the water|in front of a window|under a cloudy sky|at night|beside a road".split("|")
    for i, thing in enumerate(things):
        for j, look in enumerate(looks):
            other = things[(i * 5 + j * 3 + 1) % len(things)]
            yield f"a {look} {thing} {places[(i + j) % len(places)]} and a {other}"
            yield f"there is a {other} standing next to the {look} {thing}, seen from above"


def bpe_tokenizer(vocabulary):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus(), trainer)
    return GPT2TokenizerFast(tokenizer_object=tokenizer, bos_token=END, eos_token=END, unk_token=END, pad_token=END)


def wordpiece_tokenizer(vocabulary):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[DEC]"]
    trainer = trainers.WordPieceTrainer(vocab_size=vocabulary, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator(corpus(), trainer)
    return BertTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="[DEC]",
        unk_token="[UNK]",
        sep_token="[SEP]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        mask_token="[MASK]",
    )


def vision_gpt2(seed, tokenizer, encoder, decoder, generation):
    torch.manual_seed(seed)
    end = tokenizer.eos_token_id
    decoder = GPT2Config(
        vocab_size=len(tokenizer),
        add_cross_attention=True,
        is_decoder=True,
        bos_token_id=end,
        eos_token_id=end,
        **decoder,
    )
    config = VisionEncoderDecoderConfig.from_encoder_decoder_configs(encoder, decoder)
    config.decoder_start_token_id = config.eos_token_id = config.pad_token_id = end
    model = VisionEncoderDecoderModel(config).eval()
    model.generation_config = GenerationConfig(
        decoder_start_token_id=end, bos_token_id=end, eos_token_id=end, pad_token_id=end, **generation
    )
    return model


def blip(seed, tokenizer, image_size, hidden, heads, layers):
    torch.manual_seed(seed)
    size = dict(
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=2 * hidden,
        initializer_range=0.3,
    )
    ids = tokenizer.convert_tokens_to_ids
    config = BlipConfig(
        text_config=dict(
            size,
            vocab_size=len(tokenizer),
            encoder_hidden_size=hidden,
            max_position_embeddings=64,
            bos_token_id=ids("[DEC]"),
            # As the published models have it: an end token that generation does not use.
            eos_token_id=2,
            sep_token_id=ids("[SEP]"),
            pad_token_id=ids("[PAD]"),
        ),
        vision_config=dict(size, image_size=image_size, patch_size=16),
    )
    return BlipForConditionalGeneration(config).eval().requires_grad_(False)


def export_vision_gpt2(model, processor, tokenizer, out):
    """What Optimum writes: the encoder, and the decoder in all three layouts."""
    with tempfile.TemporaryDirectory() as source:
        model.save_pretrained(source)
        processor.save_pretrained(source)
        tokenizer.save_pretrained(source)
        main_export(source, out, task="image-to-text-with-past", do_validation=False)


def export_blip(model, processor, tokenizer, out):
    """Optimum has no BLIP: the vision model and the text decoder, named as Optimum would name them."""

    class Vision(torch.nn.Module):
        def forward(self, pixel_values):
            return model.vision_model(pixel_values=pixel_values).last_hidden_state

    class Text(torch.nn.Module):
        def forward(self, input_ids, attention_mask, encoder_hidden_states):
            return model.text_decoder(
                input_ids=input_ids,
                attention_mask=attention_mask,
                encoder_hidden_states=encoder_hidden_states,
                use_cache=False,
            ).logits

    model.set_attn_implementation("eager")
    size = model.config.vision_config.image_size
    pixels = torch.zeros(1, 3, size, size)
    ids = torch.tensor([[5, 7, 8]])
    with torch.no_grad():
        states = Vision()(pixels)
        torch.onnx.export(
            Vision(),
            (pixels,),
            out / "encoder_model.onnx",
            opset_version=17,
            dynamo=False,
            input_names=["pixel_values"],
            output_names=["last_hidden_state"],
            dynamic_axes={"pixel_values": {0: "batch"}, "last_hidden_state": {0: "batch"}},
        )
        text = {0: "batch", 1: "sequence"}
        torch.onnx.export(
            Text(),
            (ids, torch.ones_like(ids), states),
            out / "decoder_model.onnx",
            opset_version=17,
            dynamo=False,
            input_names=["input_ids", "attention_mask", "encoder_hidden_states"],
            output_names=["logits"],
            dynamic_axes={
                "input_ids": text,
                "attention_mask": text,
                "encoder_hidden_states": {0: "batch", 1: "patches"},
                "logits": text,
            },
        )
    model.config.save_pretrained(out)
    GenerationConfig(
        bos_token_id=model.config.text_config.bos_token_id, eos_token_id=2, pad_token_id=0
    ).save_pretrained(out)
    processor.save_pretrained(out)
    tokenizer.save_pretrained(out)


KEPT = ["config.json", "generation_config.json", "preprocessor_config.json", "tokenizer.json"]


def keep(exported, out, graphs, folder="."):
    """Copies what a captioner needs. `graphs` maps names as exported to names as wanted."""
    (out / folder).mkdir(parents=True, exist_ok=True)
    for name in KEPT:
        shutil.copy(exported / name, out / name)
    for name, wanted in graphs.items():
        shutil.copy(exported / name, out / folder / wanted)


def to_half(path, out):
    onnx.save(convert_float_to_float16(onnx.load(path), keep_io_types=False), out)


def photos():
    """Photos that are free of rights, at two sizes and both orientations."""
    cat = Image.fromarray(data.chelsea()).resize((180, 120), Image.LANCZOS)
    coffee = Image.fromarray(data.coffee()).crop((60, 0, 460, 400)).rotate(90).resize((96, 128), Image.LANCZOS)
    return {"cat": cat, "coffee": coffee}


# What is asked of each captioner: changes to its generation_config.json. `end` stands for tokens that it is known to
# say, so that captions end of themselves.
def questions(end):
    yield {}
    yield {"max_length": 12, "eos_token_id": end}
    yield {"max_new_tokens": 20, "repetition_penalty": 1.3}
    yield {"max_length": 24, "no_repeat_ngram_size": 2}
    yield {"max_length": 24, "no_repeat_ngram_size": 1, "eos_token_id": end, "min_length": 9}
    yield {"max_length": 2}
    yield {"max_new_tokens": 9, "forced_bos_token_id": 7, "forced_eos_token_id": 3}
    yield {"max_length": 14, "suppress_tokens": end, "begin_suppress_tokens": [9, 10, 11]}
    for beams in (2, 3, 4, 7):
        yield {"max_length": 16, "num_beams": beams}
        for early in (True, False, "never"):
            for penalty in (-1.0, 0.0, 0.7, 1.0, 2.0):
                yield {
                    "max_length": 18,
                    "num_beams": beams,
                    "early_stopping": early,
                    "length_penalty": penalty,
                    "eos_token_id": end,
                }
    yield {"max_length": 19, "num_beams": 4, "no_repeat_ngram_size": 3, "repetition_penalty": 1.2, "eos_token_id": end}
    yield {"max_new_tokens": 15, "num_beams": 3, "no_repeat_ngram_size": 2, "min_new_tokens": 6, "eos_token_id": end}
    yield {"max_new_tokens": 15, "num_beams": 3, "renormalize_logits": True, "suppress_tokens": [5, 6, 7, 8]}
    yield {"max_length": 11, "num_beams": 2, "forced_eos_token_id": end[0], "eos_token_id": end}


def few_questions(end):
    yield {}
    yield {"max_length": 12, "eos_token_id": end}
    yield {"max_length": 8, "num_beams": 2}
    yield {"max_length": 9, "num_beams": 4, "length_penalty": 2.0, "eos_token_id": end}


def expect(model, processor, tokenizer, pictures, out, questions):
    """Writes the pixel tensors and the tokens that transformers' generate makes of them."""
    is_blip = isinstance(model, BlipForConditionalGeneration)
    cases = []
    for name, picture in pictures.items():
        pixels = processor(images=picture, return_tensors="pt").pixel_values
        pixels.numpy().astype("<f4").tofile(out / f"{name}.f32")
        with torch.no_grad():
            if is_blip:
                states = model.vision_model(pixels).last_hidden_state
                text = model.config.text_config

                def generate(**options):
                    # What BlipForConditionalGeneration.generate does, with an end token that can be chosen.
                    options.setdefault("eos_token_id", text.sep_token_id)
                    return model.text_decoder.generate(
                        input_ids=torch.tensor([[text.bos_token_id]]),
                        pad_token_id=text.pad_token_id,
                        encoder_hidden_states=states,
                        do_sample=False,
                        **options,
                    )

                plain = model.generate(pixel_values=pixels, max_length=20, do_sample=False)[0].tolist()
                assert plain == generate(max_length=20)[0].tolist()
            else:

                def generate(**options):
                    return model.generate(pixels, do_sample=False, **options)

            said = generate(max_length=30, repetition_penalty=1.2)[0].tolist()[1:]
            end = sorted({said[len(said) // 3], said[2 * len(said) // 3]})
            if tokenizer.eos_token_id is not None:
                end = sorted({*end, tokenizer.eos_token_id})
            for options in questions(end):
                tokens = generate(**options)[0].tolist()
                text_of = tokenizer.decode(tokens, skip_special_tokens=True)
                asked = {"sep_token_id" if is_blip and k == "eos_token_id" else k: v for k, v in options.items()}
                cases.append({"pixels": f"{name}.f32", "set": asked, "tokens": tokens, "text": text_of})
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    (out / "expected.json").write_text(f"[\n{lines}\n]\n")
    lengths = [len(case["tokens"]) for case in cases]
    print(f"{out.name}: {len(cases)} cases, {min(lengths)} to {max(lengths)} tokens")


def captioners(out):
    pictures = photos()
    vit = dict(num_hidden_layers=1, initializer_range=0.3, patch_size=16)
    plain = ViTImageProcessor(size={"height": 48, "width": 48}, resample=2)

    def make(name, model, processor, tokenizer, graphs, folder=".", export=export_vision_gpt2, change=None, questions=questions):
        target = out / name
        if target.exists():
            return
        with tempfile.TemporaryDirectory() as exported:
            exported = Path(exported)
            export(model, processor, tokenizer, exported)
            if change:
                change(exported)
            keep(exported, target, graphs, folder)
        expect(model, processor, tokenizer, pictures, target, questions)

    # The usual kind: one merged decoder.
    tokenizer = bpe_tokenizer(320)
    make(
        "merged",
        vision_gpt2(
            1,
            tokenizer,
            ViTConfig(hidden_size=32, num_attention_heads=4, intermediate_size=64, image_size=48, **vit),
            dict(n_embd=32, n_layer=1, n_head=4, n_positions=64, initializer_range=0.3),
            dict(max_length=16, num_beams=1),
        ),
        plain,
        tokenizer,
        {n: n for n in ("encoder_model.onnx", "decoder_model_merged.onnx")},
    )
    # Two decoders under onnx/, beams by default, another number of layers and heads.
    tokenizer = bpe_tokenizer(400)
    make(
        "pair",
        vision_gpt2(
            2,
            tokenizer,
            DeiTConfig(hidden_size=36, num_attention_heads=3, intermediate_size=48, image_size=32, **vit),
            dict(n_embd=24, n_layer=2, n_head=2, n_positions=40, initializer_range=0.35),
            dict(max_length=20, num_beams=4, early_stopping=True, no_repeat_ngram_size=3),
        ),
        DeiTImageProcessor(
            size={"height": 40, "width": 40},
            crop_size={"height": 32, "width": 32},
            image_mean=[0.485, 0.456, 0.406],
            image_std=[0.229, 0.224, 0.225],
        ),
        tokenizer,
        {n: n for n in ("encoder_model.onnx", "decoder_model.onnx", "decoder_with_past_model.onnx")},
        "onnx",
    )
    # A decoder that begins anew with every token.
    tokenizer = bpe_tokenizer(290)
    make(
        "whole",
        vision_gpt2(
            3,
            tokenizer,
            ViTConfig(hidden_size=24, num_attention_heads=2, intermediate_size=40, image_size=32, **vit),
            dict(n_embd=24, n_layer=1, n_head=3, n_positions=48, initializer_range=0.4),
            dict(max_new_tokens=13, num_beams=2, length_penalty=2.0),
        ),
        CLIPImageProcessor(size={"shortest_edge": 36}, crop_size={"height": 32, "width": 32}),
        tokenizer,
        {n: n for n in ("encoder_model.onnx", "decoder_model.onnx")},
    )

    # Half precision, in and out too. Transformers is asked in single precision, which makes no difference to short
    # captions; in long ones words that are nearly as likely change places.
    def halve(exported):
        for name in ("encoder_model", "decoder_model", "decoder_with_past_model"):
            to_half(exported / f"{name}.onnx", exported / f"{name}_fp16.onnx")

    tokenizer = bpe_tokenizer(300)
    make(
        "half",
        vision_gpt2(
            4,
            tokenizer,
            ViTConfig(hidden_size=32, num_attention_heads=4, intermediate_size=64, image_size=32, **vit),
            dict(n_embd=32, n_layer=1, n_head=8, n_positions=64, initializer_range=0.3),
            dict(max_length=16),
        ),
        ViTImageProcessor(size={"height": 32, "width": 32}),
        tokenizer,
        {f"{n}_fp16.onnx": f"{n}_fp16.onnx" for n in ("encoder_model", "decoder_model", "decoder_with_past_model")},
        "onnx",
        change=halve,
        questions=few_questions,
    )
    tokenizer = wordpiece_tokenizer(260)
    make(
        "blip",
        blip(5, tokenizer, 48, 32, 4, 2),
        BlipImageProcessor(size={"height": 48, "width": 48}),
        tokenizer,
        {n: n for n in ("encoder_model.onnx", "decoder_model.onnx")},
        export=export_blip,
    )
    tokenizer = wordpiece_tokenizer(200)
    make(
        "blip_other",
        blip(6, tokenizer, 32, 24, 2, 1),
        BlipImageProcessor(size={"height": 32, "width": 32}, resample=2),
        tokenizer,
        {"encoder_model.onnx": "vision_model.onnx", "decoder_model.onnx": "text_decoder.onnx"},
        export=export_blip,
    )


def preprocessing(out):
    """Configurations of image processors, and the tensors that they make of the photos."""
    out.mkdir(parents=True, exist_ok=True)
    pictures = photos()
    square = {"height": 22, "width": 24}
    processors = {
        "vit_bilinear": ViTImageProcessor(size=square),
        "vit_nearest": ViTImageProcessor(size={"height": 25, "width": 41}, resample=0),
        "vit_lanczos": ViTImageProcessor(size=square, resample=1),
        "vit_bicubic": ViTImageProcessor(
            size=square, resample=3, image_mean=[0.1, 0.4, 0.7], image_std=[0.2, 0.5, 0.9]
        ),
        "vit_box": ViTImageProcessor(size=square, resample=4),
        "vit_hamming": ViTImageProcessor(size=square, resample=5),
        "vit_larger": ViTImageProcessor(size={"height": 10, "width": 190}, resample=3, do_normalize=False),
        "vit_raw": ViTImageProcessor(size=square, do_rescale=False, do_normalize=False),
        "vit_scaled": ViTImageProcessor(size=square, rescale_factor=1 / 127.5, image_mean=[1.0] * 3, image_std=[1.0] * 3),
        "blip": BlipImageProcessor(size={"height": 24, "width": 24}),
        "clip": CLIPImageProcessor(size={"shortest_edge": 30}, crop_size={"height": 22, "width": 21}),
        "clip_pads": CLIPImageProcessor(size={"shortest_edge": 20}, crop_size={"height": 27, "width": 44}),
        "clip_uncropped": CLIPImageProcessor(size={"shortest_edge": 24}, do_center_crop=False, resample=2),
        "deit": DeiTImageProcessor(size={"height": 34, "width": 40}, crop_size={"height": 24, "width": 23}),
        "bit": BitImageProcessor(size={"shortest_edge": 33}, crop_size={"height": 21, "width": 21}),
    }
    for name, processor in processors.items():
        (out / f"{name}.json").write_text(processor.to_json_string())
        for photo, picture in pictures.items():
            tensor = processor(images=picture, return_tensors="np").pixel_values
            tensor.astype("<f4").tofile(out / f"{name}.{photo}.f32")
    # The old spelling, as ViT-GPT2 was published: no image_processor_type, a bare number for the size.
    old = {
        "do_normalize": True,
        "do_resize": True,
        "feature_extractor_type": "ViTFeatureExtractor",
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.5, 0.5, 0.5],
        "resample": 2,
        "size": 28,
    }
    (out / "old_vit.json").write_text(json.dumps(old, indent=2) + "\n")
    processor = ViTImageProcessor(**{k: v for k, v in old.items() if k != "feature_extractor_type"})
    for photo, picture in pictures.items():
        tensor = processor(images=picture, return_tensors="np").pixel_values
        tensor.astype("<f4").tofile(out / f"old_vit.{photo}.f32")


def fixtures(out):
    out.mkdir(parents=True, exist_ok=True)
    (out / "photos").mkdir(exist_ok=True)
    for name, picture in photos().items():
        picture.save(out / "photos" / f"{name}.png", optimize=True)
    preprocessing(out / "preprocessing")
    captioners(out / "captioners")


def full_size(out):
    torch.set_num_threads(os.cpu_count())
    tokenizer = bpe_tokenizer(1000)
    torch.manual_seed(0)
    end = tokenizer.eos_token_id
    decoder = GPT2Config(add_cross_attention=True, is_decoder=True, bos_token_id=end, eos_token_id=end)
    config = VisionEncoderDecoderConfig.from_encoder_decoder_configs(ViTConfig(), decoder)
    config.decoder_start_token_id = config.eos_token_id = config.pad_token_id = end
    model = VisionEncoderDecoderModel(config).eval()
    # No end token, so that every caption is as long as the others.
    model.generation_config = GenerationConfig(
        decoder_start_token_id=end, bos_token_id=end, eos_token_id=end, pad_token_id=end, max_length=17, min_length=17
    )
    with tempfile.TemporaryDirectory() as exported:
        export_vision_gpt2(model, ViTImageProcessor(), tokenizer, exported)
        keep(Path(exported), out, {n: n for n in ("encoder_model.onnx", "decoder_model_merged.onnx")})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["fixtures", "full-size"])
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    {"fixtures": fixtures, "full-size": full_size}[arguments.what](arguments.out)
