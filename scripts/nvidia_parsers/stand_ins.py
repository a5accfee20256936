"""Modules that are not there: torch, and everything of NVIDIA's that needs a GPU or weights.

A stand-in module has every attribute that is asked of it. An attribute is a class, so that it can be a base class, an
annotation, a decorator or a function; what it is called with is forgotten.
"""

import importlib
import importlib.abc
import importlib.machinery
import sys
import types
from abc import ABCMeta


class _StandInClass(ABCMeta):
    """The class of stand-in classes: it answers for attributes that a class does not have."""

    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return stand_in(name)

    def __getitem__(cls, _parameters):
        return cls

    def __iter__(cls):
        return iter(())


class StandIn(metaclass=_StandInClass):
    """An object of a class that is not there."""

    def __new__(cls, *arguments, **_options):
        # A decorator without parentheses must hand the function back.
        if len(arguments) == 1 and isinstance(arguments[0], types.FunctionType):
            return arguments[0]
        return super().__new__(cls)

    def __init__(self, *_arguments, **_options):
        pass

    def __call__(self, *arguments, **_options):
        if len(arguments) == 1 and isinstance(arguments[0], types.FunctionType):
            return arguments[0]
        return self

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return stand_in(name)()

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        return False

    def __iter__(self):
        return iter(())

    def __len__(self):
        return 0


def stand_in(name):
    """A class of this name that can be used for anything."""
    return _StandInClass(name, (StandIn,), {})


class _StandInModule(types.ModuleType):
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        value = stand_in(name)
        setattr(self, name, value)
        return value


class StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Stands in for modules, from the moment it is made.

    `prefixes` names modules; everything below them is stood in for too. Those in `real` are NVIDIA's all the same.
    """

    def __init__(self, prefixes, real=()):
        self._prefixes = tuple(prefixes)
        self._real = frozenset(real)
        self._attributes = {}
        self.imported = set()
        """Modules that have been asked for and stood in for."""
        sys.meta_path.insert(0, self)

    def set(self, module, **attributes):
        """Sets attributes of a stand-in module that something depends on."""
        self._attributes.setdefault(module, {}).update(attributes)

    def find_spec(self, name, _path=None, _target=None):
        if name in self._real:
            return None
        if not any(name == prefix or name.startswith(f"{prefix}.") for prefix in self._prefixes):
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        return _StandInModule(spec.name)

    def exec_module(self, module):
        self.imported.add(module.__name__)
        for name, value in self._attributes.get(module.__name__, {}).items():
            setattr(module, name, value)
        # `import torch` alone must give torch.cuda as it was set.
        for name in list(self._attributes):
            if name.rpartition(".")[0] == module.__name__:
                importlib.import_module(name)


def torch_attributes(stand_ins):
    """What the programs ask of torch before they build a model: its release, and whether there is a GPU."""
    stand_ins.set("torch", __version__="2.7.0")
    stand_ins.set("torch.cuda", is_available=lambda: False, device_count=lambda: 0)
    stand_ins.set("torch.distributed", is_available=lambda: False, is_initialized=lambda: False)


def forbid_network():
    """Makes every attempt to reach another machine fail."""

    def look(event, _arguments):
        if event in ("socket.connect", "socket.getaddrinfo"):
            raise OSError("a check reaches for the network")

    sys.addaudithook(look)
