"""Runs specs and command lines of ours through NVIDIA's own parsers, without torch, a GPU or a network.

`python -m nvidia_parsers --help` says how; `scripts/check-with-nvidia.sh` is the way to start it.
"""
