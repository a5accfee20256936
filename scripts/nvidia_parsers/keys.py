"""Every key and flag that the programs know, as their own classes and argparse have them.

`DIR/<model>.keys.json` has names and values only: a default that is a sentence is written as its length.

    name      as it is written in a spec or on a command line
    place     "spec", "control", "flag"; in Transfer1 also "region" (of regional_prompts) and "batch" (of a JSONL line)
    controls  the controls that have the key
    type      what the program takes, null where it declares nothing
    nullable  whether null is taken
    required  whether it must be there
    default   what holds without it; "default_length" instead, in characters, where that is text of the program's
    range     "ge", "gt", "le", "lt"; of a list, for each item
    choices   all values, where they are counted; a flag may call them otherwise than the spec
    aliases   other names of a flag
    refused   true for a flag that the program has and refuses all the same, beside whatever spec
    negated   the flag that switches it off; a boolean flag without one is followed by True or False
    source    the file and symbol that declares it

    python -m nvidia_parsers.keys MODEL CHECKOUT RESULT
"""

import argparse
import ast
import contextlib
import enum
import importlib
import importlib.util
import inspect
import io
import json
import re
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path

from nvidia_parsers.witness import ready


def write(checkouts, checker, folder):
    """Writes a file a checkout. Raises RuntimeError where a program's classes cannot be loaded."""
    # Imported here, since check imports no keys and keys runs where check is not needed.
    from nvidia_parsers.check import environment

    folder.mkdir(parents=True, exist_ok=True)
    for checkout in checkouts:
        with tempfile.TemporaryDirectory(prefix="nvidia-parsers-") as temporary:
            result = Path(temporary) / "keys.json"
            command = [checker.python(checkout.model), "-m", "nvidia_parsers.keys"]
            done = subprocess.run(
                [*command, checkout.model, checkout.root, result],
                cwd=temporary,
                # The help of a program must break no line within an option.
                env=environment(temporary) | {"COLUMNS": "240"},
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode != 0:
                raise RuntimeError(f"the keys of {checkout.model} cannot be read: {done.stderr.strip()[-2000:]}")
            keys = json.loads(result.read_text())
        content = {
            "model": checkout.model,
            "repository": checkout.repository(),
            "commit": checkout.commit(),
            **keys,
        }
        target = folder / f"{checkout.model}.keys.json"
        target.write_text(json.dumps(content, indent=2, ensure_ascii=False, sort_keys=True) + "\n")
        print(f"wrote {target}: {len(keys['keys'])} keys", file=sys.stderr)


def main():
    model, checkout, result = sys.argv[1:]
    checkout = Path(checkout)
    ready(model, checkout)
    entries = {"transfer1": _transfer1, "transfer2.5": _transfer2_5, "cosmos3": _cosmos3}[model](checkout)
    entries.sort(key=lambda entry: (entry["place"], entry["name"], entry.get("controls", [])))
    read_from = "argparse and, for controls, the code" if model == "transfer1" else "classes"
    Path(result).write_text(json.dumps({"keys": entries, "read_from": read_from}))


# Longer text with spaces is prose: a prompt or a template.
_LONGEST_NAME = 40


def _plain(value):
    """A value as JSON has it."""
    if isinstance(value, enum.Enum):
        return value.value
    return value if isinstance(value, str | int | float | bool | list | tuple | None) else str(value)


def _default(value):
    """The entry for a default."""
    if isinstance(value, str) and len(value) > _LONGEST_NAME and " " in value:
        return {"default_length": len(value)}
    return {"default": value}


# --- Classes: Transfer2.5 and Cosmos 3 ---


def _transfer2_5(checkout):
    config = importlib.import_module("cosmos_transfer2.config")
    program = _load("examples_inference", checkout / "examples" / "inference.py")
    sample = config.InferenceArguments
    controls = {
        "depth": config.DepthConfig,
        "edge": config.EdgeConfig,
        "seg": config.SegConfig,
        "vis": config.BlurConfig,
    }
    entries = [entry | {"place": "spec"} for entry in _fields(sample, checkout) if entry["name"] not in controls]
    entries += [_control(name, controls, checkout) for name in controls]
    entries += _control_keys(controls, checkout)
    parts = {"input_files": program.Args, **_by_field(config.SetupArguments, config.InferenceOverrides)}
    return entries + _flags(program.Args, parts, checkout, sample)


def _load(name, file):
    """A file as a module, which tyro asks for the source of its classes."""
    spec = importlib.util.spec_from_file_location(name, file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _cosmos3(checkout):
    args = importlib.import_module("cosmos_framework.inference.args")
    program = importlib.import_module("cosmos_framework.scripts.inference")
    sample = args.OmniSampleOverrides
    controls = {
        key.value: {"edge": args.EdgeTransferOverrides, "blur": args.BlurTransferOverrides}.get(
            key.value, args.TransferOverrides
        )
        for key in args.TransferHintKey
    }
    entries = [entry | {"place": "spec"} for entry in _fields(sample, checkout) if entry["name"] not in controls]
    entries += [_control(name, controls, checkout) for name in controls]
    entries += _control_keys(controls, checkout)
    arguments = program.InferenceArgs
    parts = {"input_files": arguments, **_by_field(sample, args.OmniSetupOverrides)}
    flags = _flags(arguments, parts, checkout, sample)
    for flag in flags:
        if flag["source"].endswith(":TransferDataOverrides") and _needs_control(sample, flag):
            flag["refused"] = True
    set_here = arguments.model_fields["setup"].default
    for flag in flags:
        # The program itself has other defaults than the class in places.
        name = flag["name"].removeprefix("--").replace("-", "_")
        if name in set_here.model_fields_set:
            flag["default"] = getattr(set_here, name)
            flag["source"] = "cosmos_framework/scripts/inference.py:InferenceArgs"
    return entries + flags


def _needs_control(sample, flag):
    """Whether a flag is refused, as the keys on the command line are checked without the spec's controls."""
    import pydantic

    examples = {"integer": 2, "number": 2, "boolean": True, "string": "x", "list of 2 (number)": [1, 2]}
    try:
        sample.model_validate({flag["name"].removeprefix("--").replace("-", "_"): examples[flag["type"]]})
    except pydantic.ValidationError:
        return True
    return False


def _by_field(*classes):
    return {name: cls for cls in classes for name in cls.model_fields}


def _control(name, controls, checkout):
    cls = controls[name]
    source = f"{Path(sys.modules[cls.__module__].__file__).relative_to(checkout)}:{cls.__name__}"
    return {"name": name, "place": "control", "controls": [name], "type": "object", "required": False, "source": source}


def _control_keys(controls, checkout):
    """The keys inside the controls; one entry for controls that have the same."""
    entries = {}
    for control, cls in sorted(controls.items()):
        for entry in _fields(cls, checkout):
            entry = entry | {"place": "control"}
            source = entry.pop("source")
            same = json.dumps(entry, sort_keys=True)
            known = entries.setdefault(same, entry | {"controls": [], "source": source})
            known["controls"].append(control)
    return list(entries.values())


def _fields(cls, checkout):
    """An entry for each field of a pydantic class."""
    schema = cls.model_json_schema()
    for name, field in cls.model_fields.items():
        entry = {"name": name, **_type(schema["properties"][name], schema.get("$defs", {}))}
        if _takes_url(field.rebuild_annotation()):
            entry["type"] = "file or URL"
        entry["required"] = field.is_required()
        if not field.is_required():
            entry |= _default(_plain(field.get_default(call_default_factory=True)))
        entry["source"] = _source(cls, name, checkout)
        yield entry


def _source(cls, name, checkout):
    """Where a field is declared last."""
    for base in cls.__mro__:
        if name in inspect.get_annotations(base):
            file = sys.modules[base.__module__].__file__
            return f"{Path(file).relative_to(checkout)}:{base.__name__}"
    return cls.__name__


def _takes_url(annotation):
    """Whether a file may be named by its URL, which the type alone does not say."""
    for part in (annotation, *getattr(annotation, "__metadata__", ())):
        if getattr(getattr(part, "func", None), "__name__", "") == "_resolve_file_or_url":
            return True
    return any(_takes_url(part) for part in getattr(annotation, "__args__", ()))


_FORMATS = {"file-path": "file", "directory-path": "folder", "path": "path"}
_RANGES = {"minimum": "ge", "exclusiveMinimum": "gt", "maximum": "le", "exclusiveMaximum": "lt"}


def _type(schema, definitions):
    """Type, range and choices of one property of a JSON schema."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]] | {key: schema[key] for key in schema if key != "$ref"}
    if "anyOf" in schema:
        options = [option for option in schema["anyOf"] if option != {"type": "null"}]
        parts = [_type(option, definitions) for option in options]
        entry = {}
        for part in parts:
            entry = part | entry
        entry["type"] = " or ".join(dict.fromkeys(part["type"] for part in parts))
        choices = [choice for part in parts for choice in part.get("choices", [])]
        if choices:
            entry["choices"] = choices
        entry["nullable"] = len(options) < len(schema["anyOf"])
        return entry
    kind = schema.get("type", "any")
    entry = {"type": _FORMATS.get(schema.get("format"), kind), "nullable": False}
    if kind == "array":
        items = schema.get("prefixItems") or [schema["items"]]
        inner = " or ".join(dict.fromkeys(_type(item, definitions)["type"] for item in items))
        length = f" of {schema['maxItems']}" if "maxItems" in schema else ""
        entry["type"] = f"list{length} ({inner})"
        limits = _range(items[0])
        if limits:
            entry["range"] = limits
    if "const" in schema:
        entry["choices"] = [schema["const"]]
    if "enum" in schema:
        entry["choices"] = schema["enum"]
    if _range(schema):
        entry["range"] = _range(schema)
    return entry


def _range(schema):
    return {_RANGES[key]: schema[key] for key in _RANGES if key in schema}


def _flags(arguments, parts, checkout, sample):
    """The flags of a tyro program: which there are from its help, the rest from the classes behind them."""
    known = {}
    for name, cls in parts.items():
        for entry in _fields(cls, checkout):
            if entry["name"] == name:
                known[name] = entry | {"annotation": cls.model_fields[name].rebuild_annotation()}
    originals = {entry["name"]: entry for entry in _fields(sample, checkout)}
    entries = []
    for options in _options_in_help(arguments):
        long, *rest = sorted(options, key=lambda option: (not option.startswith("--"), option.startswith("--no-")))
        name = long.removeprefix("--").replace("-", "_")
        if name not in known:
            raise RuntimeError(f"{long} belongs to no class")
        entry = known[name] | {"name": long, "place": "flag"}
        entry |= _on_command_line(entry.pop("annotation"), entry)
        if name in originals and entry["source"].endswith("InferenceArgumentsOverrides"):
            entry["source"] = originals[name]["source"]
        if f"--no-{long.removeprefix('--')}" in rest:
            entry["negated"] = f"--no-{long.removeprefix('--')}"
        aliases = [option for option in rest if option != entry.get("negated")]
        if aliases:
            entry["aliases"] = aliases
        entries.append(entry)
    return entries


_OPTION = re.compile(r"(?<![\w-])--?[a-z][\w-]*")


def _options_in_help(arguments):
    """The options of a tyro program, those of one argument together."""
    import tyro

    markers = [tyro.conf.OmitArgPrefixes]
    # As the programs do it: examples/inference.py and cosmos_framework/scripts/inference.py:main.
    if hasattr(tyro.conf, "CascadeSubcommandArgs"):
        markers += [tyro.conf.CascadeSubcommandArgs, tyro.conf.OmitSubcommandPrefixes]
    text = io.StringIO()
    with contextlib.redirect_stdout(text), contextlib.suppress(SystemExit):
        tyro.cli(arguments, args=["--help"], config=tuple(markers))
    # Boxes stand side by side; each cell begins with an option, or with a line of what it means.
    seen = set()
    for cell in re.split(r"│|\s{2,}|\n", text.getvalue()):
        options = _OPTION.findall(cell) if cell.strip().startswith("-") else []
        if options and "--help" not in options and not seen & set(options):
            seen.update(options)
            yield options


def _on_command_line(annotation, entry):
    """What is different on a command line: members of an enumeration are called by name."""
    members = _enumeration(annotation)
    if members is None:
        return {}
    default = entry.get("default")
    names = {member.value: member.name for member in members}
    return {"choices": [member.name for member in members], "default": names.get(default, default)}


def _enumeration(annotation):
    """The enumeration that an annotation names, if it does."""
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        found = _enumeration(part)
        if found is not None:
            return found
    return None


# --- argparse and code: Transfer1 ---

_PROGRAM = "cosmos_transfer1/diffusion/inference/transfer.py"
_UTILITIES = "cosmos_transfer1/diffusion/inference/inference_utils.py"
_PREPROCESSORS = "cosmos_transfer1/diffusion/inference/preprocessors.py"
_PIPELINE = "cosmos_transfer1/diffusion/inference/world_generation_pipeline.py"


def _transfer1(checkout):
    program = runpy.run_path(str(checkout / _PROGRAM), run_name="program")
    entries = []
    for action in _argparse_actions(program["parse_arguments"]):
        entry = _argparse_entry(action)
        entries.append(entry | {"name": action.option_strings[0], "place": "flag"})
        # Every flag is a key of the spec too, without a check of its type.
        entries.append(entry | {"name": action.dest, "place": "spec", "required": False})
    utilities = importlib.import_module("cosmos_transfer1.diffusion.inference.inference_utils")
    controls = sorted(utilities.valid_hint_keys)
    flags = {entry["name"] for entry in entries}
    for name in sorted(_attributes(checkout / _PROGRAM, "cfg") - flags):
        entries.append(_undeclared(name, "spec", f"{_PROGRAM}:demo"))
    for control in controls:
        source = f"{_UTILITIES}:valid_hint_keys"
        entries.append(_undeclared(control, "control", source) | {"controls": [control], "type": "object"})
    for name, found in sorted(_control_accesses(checkout).items()):
        entry = _undeclared(name, "control", found["source"]) | {"controls": found["controls"] or controls}
        entries.append(entry | ({"default": found["default"]} if "default" in found else {}))
    for variable, place in (("regional_prompt", "region"), ("input_dict", "batch")):
        for file in (_PROGRAM, _PREPROCESSORS):
            for access in _accesses(checkout / file, {variable}):
                if not any(entry["name"] == access.key and entry["place"] == place for entry in entries):
                    entries.append(_undeclared(access.key, place, f"{file}:{access.function}"))
    return entries


def _undeclared(name, place, source):
    return {"name": name, "place": place, "type": None, "required": False, "source": source}


def _argparse_actions(parse_arguments):
    """The actions of the parser that a function makes."""
    made = []
    real = argparse.ArgumentParser.parse_args

    def stop(parser, *_arguments, **_options):
        made.append(parser)
        raise _Made

    argparse.ArgumentParser.parse_args = stop
    try:
        parse_arguments()
    except _Made:
        pass
    finally:
        argparse.ArgumentParser.parse_args = real
    return [action for action in made[0]._actions if action.dest != "help"]


class _Made(Exception):
    """The parser is there."""


def _argparse_entry(action):
    is_switch = action.nargs == 0
    kinds = {int: "integer", float: "number", str: "string", None: "string"}
    entry = {
        "type": "boolean" if is_switch else kinds[action.type],
        "required": action.required,
        "source": f"{_PROGRAM}:parse_arguments",
        **_default(action.default),
    }
    if action.choices:
        entry["choices"] = list(action.choices)
    return entry


class _Access:
    """A key that the code reads or sets in a dictionary."""

    def __init__(self, key, function, controls, default):
        self.key = key
        self.function = function
        self.controls = controls
        self.default = default


def _control_accesses(checkout):
    """Keys that the code looks for in a control, with the controls that a condition around it names."""
    found = {}
    for file in (_UTILITIES, _PREPROCESSORS, _PIPELINE):
        for access in _accesses(checkout / file, {"config", "control_input"}):
            entry = found.setdefault(access.key, {"source": f"{file}:{access.function}", "controls": access.controls})
            # One place without a condition is enough for all controls.
            if not access.controls:
                entry["controls"] = []
            if access.default is not _NOTHING:
                entry.setdefault("default", access.default)
    return found


_NOTHING = object()


def _accesses(file, variables):
    """All `variable["key"]`, `variable.get("key")` and `"key" in variable` of a file."""
    accesses = []

    def key_of(node):
        """The key, and the default where the code gives one."""
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=name), attr="get"), args=[ast.Constant(value=str(key)), *rest]
            ):
                default = (
                    rest[0].value
                    if rest and isinstance(rest[0], ast.Constant) and rest[0].value is not None
                    else _NOTHING
                )
                return (key, default) if name in variables else None
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(key))):
                return (key, _NOTHING) if name in variables else None
            case ast.Compare(left=ast.Constant(value=str(key)), comparators=[ast.Name(id=name)]):
                return (key, _NOTHING) if name in variables else None
            case ast.Assign(
                targets=[ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(key)))],
                value=ast.Constant(value=value),
            ):
                return (key, value) if name in variables else None
        return None

    def walk(node, function, controls):
        if isinstance(node, ast.FunctionDef):
            function = node.name
        key = key_of(node)
        if key:
            accesses.append(_Access(key[0], function, controls, key[1]))
        if isinstance(node, ast.If):
            inside = _named_controls(node.test) or controls
            walk(node.test, function, inside)
            for child in node.body:
                walk(child, function, inside)
            for child in node.orelse:
                walk(child, function, controls)
            return
        for child in ast.iter_child_nodes(node):
            walk(child, function, controls)

    walk(ast.parse(file.read_text()), "", [])
    return accesses


def _named_controls(test):
    """The controls of `hint_key == "x"` or `hint_key in [...]` in a condition."""
    names = []
    for node in ast.walk(test):
        match node:
            case ast.Compare(left=ast.Name(id="hint_key"), ops=[ast.Eq()], comparators=[ast.Constant(value=str(name))]):
                names.append(name)
            case ast.Compare(left=ast.Name(id="hint_key"), ops=[ast.In()], comparators=[ast.List(elts=elements)]):
                names += [element.value for element in elements if isinstance(element, ast.Constant)]
    return sorted(names)


def _attributes(file, variable):
    """Names that a file reads of a variable."""
    tree = ast.parse(file.read_text())
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == variable
    }


if __name__ == "__main__":
    main()
