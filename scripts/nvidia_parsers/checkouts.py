"""Checkouts of NVIDIA's repositories: which is which, and of what commit."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

# A folder that only this repository has, by the name that cosmos has for the model.
_MARKS = {
    "transfer1": "cosmos_transfer1",
    "transfer2.5": "cosmos_transfer2",
    "cosmos3": "cosmos_framework",
}
MODELS = tuple(_MARKS)


@dataclass(frozen=True)
class Checkout:
    """A copy of one of the repositories."""

    model: str
    root: Path

    def repository(self):
        """`owner/name` as in the remote's address; a copy without one is named after its folder."""
        address = _git(self.root, "remote", "get-url", "origin")
        found = re.search(r"github\.com[:/]([^/]+/[^/]+?)(\.git)?$", address or "")
        return found[1] if found else _REPOSITORIES[self.model]

    def commit(self):
        """The commit in short, or "unknown"."""
        # A folder inside another repository would answer with that one's commit.
        if not (self.root / ".git").exists():
            return "unknown"
        return _git(self.root, "rev-parse", "--short=7", "HEAD") or "unknown"


_REPOSITORIES = {
    "transfer1": "nvidia-cosmos/cosmos-transfer1",
    "transfer2.5": "nvidia-cosmos/cosmos-transfer2.5",
    "cosmos3": "NVIDIA/cosmos-framework",
}


def recognise(folder):
    """The checkout in this folder. Raises ValueError where it is none of the three."""
    root = Path(folder).resolve()
    models = [model for model, mark in _MARKS.items() if (root / mark).is_dir()]
    if len(models) != 1:
        marks = ", ".join(f"{mark}/" for mark in _MARKS.values())
        raise ValueError(f"`{folder}` is no checkout of a Cosmos repository: none, or several, of {marks} in it")
    return Checkout(models[0], root)


def _git(root, *words):
    done = subprocess.run(["git", "-C", root, *words], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None
