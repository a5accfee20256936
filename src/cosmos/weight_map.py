"""Makes a control weight map for Cosmos-Transfer1 of a mask: python weights.py MASK WEIGHT FRAMES OUTPUT.pt

MASK is a video or a picture, white where the control acts. Transfer1 stretches a map of several frames over its
window of FRAMES frames whatever the length of the clip, so the last frame is repeated until the window is full. A
picture gives a map without time.
"""

import os
import sys

import imageio.v2 as imageio
import numpy
import torch


def gray(frame):
    frame = numpy.asarray(frame)
    return (frame if frame.ndim == 2 else frame[..., 0]).astype(numpy.float32) / numpy.iinfo(frame.dtype).max


def main(mask, weight, frames, output):
    if mask.lower().endswith(".mp4"):
        with imageio.get_reader(mask, "ffmpeg") as reader:
            maps = [gray(frame) for frame in reader]
        maps += maps[-1:] * (int(frames) - len(maps))
        values = numpy.stack(maps)
    else:
        values = gray(imageio.imread(mask))
    tensor = torch.from_numpy(values * float(weight)).to(torch.float16)
    torch.save(tensor, output + ".partial")
    os.replace(output + ".partial", output)
    print(f"weight map {output}: {tuple(tensor.shape)}, mean {tensor.float().mean():.3f}")


main(*sys.argv[1:])
