"""The launcher in front of a program: torchrun or Python, and what it tells the program."""

from dataclasses import dataclass

# torchrun's options that stand alone; every other one has a value, after `=` or as the next word.
_SWITCHES = {"--standalone", "--no-python", "--no_python", "--run-path", "--run_path"}
_AS_MODULE = {"-m", "--module"}


@dataclass(frozen=True)
class Launch:
    """A program, how it is found, its arguments, and how many processes of it run."""

    program: str
    is_module: bool
    arguments: list
    processes: int
    is_distributed: bool

    def environment(self):
        """The variables that torchrun sets in the first process."""
        if not self.is_distributed:
            return {}
        return {
            "RANK": "0",
            "LOCAL_RANK": "0",
            "WORLD_SIZE": str(self.processes),
            "LOCAL_WORLD_SIZE": str(self.processes),
            "MASTER_ADDR": "127.0.0.1",
            "MASTER_PORT": "29500",
        }


def split(argv):
    """Takes the launcher off a command line. Raises ValueError where there is no program behind it."""
    if not argv:
        raise ValueError("the command line is empty")
    launcher = argv[0].rsplit("/", 1)[-1]
    is_distributed = launcher == "torchrun"
    if not is_distributed and not launcher.startswith("python"):
        raise ValueError(f"`{argv[0]}` is neither torchrun nor python")
    rest = list(argv[1:])
    is_module = False
    processes = 1
    while rest and rest[0].startswith("-"):
        option, _, value = rest.pop(0).partition("=")
        if option in _AS_MODULE:
            is_module = True
            continue
        if option in _SWITCHES or not is_distributed:
            continue
        if not value:
            if not rest:
                raise ValueError(f"`{option}` of torchrun has no value")
            value = rest.pop(0)
        if option in ("--nproc_per_node", "--nproc-per-node"):
            processes = int(value)
    if not rest:
        raise ValueError("the command line names no program")
    return Launch(rest[0], is_module, rest[1:], processes, is_distributed)
