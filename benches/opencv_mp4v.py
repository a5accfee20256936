"""Writes the modalities of a shot with OpenCV's mp4v, four at a time: opencv_mp4v.py SHOT OUT."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2

shot, out = Path(sys.argv[1]), Path(sys.argv[2])


def write(modality):
    writer = None
    for path in sorted(shot.glob(f"{modality}.*.png")):
        frame = cv2.imread(str(path))
        if writer is None:
            size = (frame.shape[1], frame.shape[0])
            writer = cv2.VideoWriter(
                str(out / f"{modality}.mp4"), cv2.VideoWriter_fourcc(*"mp4v"), 24, size
            )
        writer.write(frame)
    writer.release()


with ThreadPoolExecutor(4) as pool:
    list(pool.map(write, ["color", "depth", "segmentation", "vis", "edge"]))
