"""Cases: what one run hands to a program, and whether the program should take it.

A case is a folder with `case.json`:

    name      what the table calls it
    model     "transfer1", "transfer2.5" or "cosmos3"
    argv      the command line in the container, launcher included
    env       variables for the program
    files     by path: the content of text files; a string is written as it is, anything else as JSON
    videos    paths of videos and pictures that must exist
    expect    "accepted" or "refused"
    root      the checkout's path in the container, `/workspace` unless told otherwise
    values    values that the program must end up with, by dotted path: {"samples.0.guidance": 3.0} (optional)
    says      part of the message with which it must be refused (optional)

Paths are relative to the checkout. Absolute ones below `root` are moved to the folder of the check.
"""

import functools
import json
import shutil
import struct
import subprocess
import zlib
from dataclasses import dataclass, field
from pathlib import Path

from nvidia_parsers.checkouts import MODELS

_KNOWN = {"name", "model", "argv", "env", "files", "videos", "expect", "root", "values", "says"}


@dataclass(frozen=True)
class Case:
    """One run, as a program is handed it."""

    name: str
    model: str
    argv: list
    expect: str
    env: dict = field(default_factory=dict)
    files: dict = field(default_factory=dict)
    videos: list = field(default_factory=list)
    root: str = "/workspace"
    values: dict = field(default_factory=dict)
    says: str = ""

    def lay_out(self, folder):
        """Writes the files, videos and pictures into a folder; returns the command line and variables for it."""
        for path, content in self.files.items():
            target = folder / self._local(path, folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            content = self._moved(content, folder)
            target.write_text(content if isinstance(content, str) else json.dumps(content))
        for path in self.videos:
            target = folder / self._local(path, folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(_picture() if target.suffix in _PICTURES else _video())
        return self._moved(self.argv, folder), self._moved(self.env, folder)

    def _local(self, path, folder):
        return self._moved(path, folder).removeprefix(f"{folder}/")

    def _moved(self, value, folder):
        """The value with `root` replaced by the folder wherever a path begins with it."""
        if isinstance(value, str):
            if value == self.root or value.startswith(f"{self.root}/"):
                return f"{folder}{value.removeprefix(self.root)}"
            # An option and its value in one word.
            option, equals, rest = value.partition("=")
            if option.startswith("--") and " " not in option and rest.startswith("/"):
                return f"{option}{equals}{self._moved(rest, folder)}"
            return value
        if isinstance(value, list):
            return [self._moved(item, folder) for item in value]
        if isinstance(value, dict):
            return {key: self._moved(item, folder) for key, item in value.items()}
        return value


def read_cases(folder):
    """All cases below a folder, by name. Raises ValueError for a file that is no case."""
    files = sorted(Path(folder).rglob("case.json"))
    if not files:
        raise ValueError(f"there is no case.json below `{folder}`")
    return [_read(file) for file in files]


def _read(file):
    try:
        content = json.loads(file.read_text())
    except ValueError as error:
        raise ValueError(f"`{file}` is not JSON: {error}") from error
    unknown = set(content) - _KNOWN
    missing = {"model", "argv", "expect"} - set(content)
    if unknown or missing:
        raise ValueError(f"`{file}`: unknown keys {sorted(unknown)}, missing keys {sorted(missing)}")
    if content["model"] not in MODELS:
        raise ValueError(f"`{file}`: there is no model `{content['model']}`, only {', '.join(MODELS)}")
    if content["expect"] not in ("accepted", "refused"):
        raise ValueError(f'`{file}`: expected is "accepted" or "refused", not `{content["expect"]}`')
    return Case(**{"name": file.parent.name} | content)


_PICTURES = {".png", ".jpg", ".jpeg", ".webp"}

# The head of an MP4 file. The parsers look whether a video is there, one of them at its type, none into it.
_MP4_HEAD = b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2"


@functools.cache
def _video():
    """A video of two frames; only its head where there is no FFmpeg."""
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        return _MP4_HEAD
    source = ["-f", "lavfi", "-i", "color=gray:size=64x64:rate=24", "-frames:v", "2"]
    target = ["-f", "mp4", "-movflags", "frag_keyframe+empty_moov", "-"]
    done = subprocess.run([ffmpeg, "-v", "error", *source, *target], capture_output=True, check=False)
    return done.stdout if done.returncode == 0 and done.stdout else _MP4_HEAD


@functools.cache
def _picture():
    """A PNG of one grey pixel."""

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0\x80")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
