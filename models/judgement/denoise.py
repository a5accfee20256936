"""python3 denoise.py IN.npz OUT.npy: takes the noise out of `color` by Open Image Denoise, whose library OIDN names.

A program of its own, as the library's TBB and Blender's do not stand each other in one process.
"""

import ctypes
import os
import sys

import numpy as np

FLOAT3 = 3
p, z = ctypes.c_void_p, ctypes.c_size_t
path = os.environ["OIDN"]
for name in sorted(os.listdir(os.path.dirname(path))):
    if name.startswith("libtbb"):
        ctypes.CDLL(os.path.join(os.path.dirname(path), name), ctypes.RTLD_GLOBAL)
lib = ctypes.CDLL(path)
lib.oidnNewDevice.restype = lib.oidnNewFilter.restype = p
images = {k: np.ascontiguousarray(v, np.float32) for k, v in np.load(sys.argv[1]).items()}
images["output"] = np.zeros_like(images["color"])
h, w, _ = images["color"].shape
device = p(lib.oidnNewDevice(0))
lib.oidnSetDevice1i(device, b"numThreads", 1)
lib.oidnCommitDevice(device)
f = p(lib.oidnNewFilter(device, b"RT"))
for name, a in images.items():
    lib.oidnSetSharedFilterImage(f, name.encode(), a.ctypes.data_as(p), FLOAT3, z(w), z(h), z(0), z(0), z(0))
lib.oidnSetFilter1b(f, b"hdr", ctypes.c_bool(True))
lib.oidnCommitFilter(f)
lib.oidnExecuteFilter(f)
np.save(sys.argv[2], images["output"])
