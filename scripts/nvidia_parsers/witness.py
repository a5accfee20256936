"""One case in a process of its own: the program's real parser on a command line.

    python -m nvidia_parsers.witness MODEL CHECKOUT RESULT ARGV...

The process fails as the program would, with its messages and exit code. Where the program comes as far as its model,
RESULT becomes a JSON file of the values it ended up with.
"""

import importlib
import json
import sys
from pathlib import Path

from nvidia_parsers import launcher
from nvidia_parsers.stand_ins import StandIn, forbid_network

_PROGRAMS = {"transfer1": "transfer1", "transfer2.5": "transfer2_5", "cosmos3": "cosmos3"}


def program(model):
    """The module that knows this model's program."""
    return importlib.import_module(f"nvidia_parsers.{_PROGRAMS[model]}")


def ready(model, checkout):
    """Makes the program importable; returns its module, where values go, and the stand-ins."""
    checkout = Path(checkout)
    known = program(model)
    sys.path[:0] = [str(path) for path in known.import_paths(checkout)]
    record = {}
    stand_ins = known.prepare(record)
    return known, record, stand_ins


def _plain(value):
    """JSON for what a program holds besides plain values."""
    if isinstance(value, StandIn) or (isinstance(value, type) and issubclass(value, StandIn)):
        return None
    return str(value)


def main():
    model, checkout, result, *argv = sys.argv[1:]
    launch = launcher.split(argv)
    forbid_network()
    known, record, stand_ins = ready(model, checkout)
    known.run(launch, Path(checkout), record)
    record["stood_in_for"] = sorted(stand_ins.imported)
    Path(result).write_text(json.dumps(record, default=_plain, indent=1))


if __name__ == "__main__":
    main()
