"""Runs cases through the parsers, each in a process and a folder of its own, and says how it went."""

import json
import os
import re
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

from nvidia_parsers import launcher
from nvidia_parsers.checkouts import MODELS

# A parser answers within seconds; one that does not waits for something.
_SECONDS = 120

# Which of the two environments a program's parsers run in.
ENVIRONMENTS = {"transfer1": "transfer", "transfer2.5": "transfer", "cosmos3": "cosmos3"}


@dataclass(frozen=True)
class Outcome:
    """What became of a case."""

    name: str
    model: str
    expected: str
    got: str
    exit_code: int
    message: str
    values: dict = field(default_factory=dict)

    @property
    def is_as_expected(self):
        return self.expected == self.got and not self.message.startswith((_OTHER_VALUE, _OTHER_MESSAGE))

    def to_json(self):
        return asdict(self) | {"as_expected": self.is_as_expected}


_OTHER_VALUE = "other value: "
_OTHER_MESSAGE = "other message: "


class Checker:
    """Runs cases with these checkouts, in these environments."""

    def __init__(self, checkouts, environments):
        self._checkouts = {checkout.model: checkout for checkout in checkouts}
        self._environments = Path(environments)

    def check_all(self, cases, at_once=None):
        """The outcomes in the order of the cases; those of programs without a checkout are left out."""
        cases = [case for case in cases if case.model in self._checkouts]
        with ThreadPoolExecutor(at_once or os.cpu_count()) as pool:
            return list(pool.map(self.check, cases))

    def check(self, case):
        """Runs one case."""
        checkout = self._checkouts[case.model]
        with tempfile.TemporaryDirectory(prefix="nvidia-parsers-") as temporary:
            # Results and home lie beside the working folder, so that no path of a case meets them.
            temporary = Path(temporary).resolve()
            folder = temporary / "checkout"
            folder.mkdir()
            result = temporary / "values.json"
            argv, variables = case.lay_out(folder)
            try:
                variables |= launcher.split(argv).environment()
            except ValueError as error:
                return self._outcome(case, "refused", 2, str(error))
            python = self.python(case.model)
            command = [python, "-m", "nvidia_parsers.witness", case.model, checkout.root, result, *argv]
            try:
                done = subprocess.run(
                    command,
                    cwd=folder,
                    env=environment(temporary) | _without_paths(variables),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                    errors="replace",
                    timeout=_SECONDS,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                return self._outcome(case, "refused", -1, f"no answer within {_SECONDS} seconds")
            got = "accepted" if done.returncode == 0 and result.exists() else "refused"
            if got == "refused":
                message = _without_folder(last_error(done.stdout), folder, checkout.root)
                if case.expect == got and case.says not in message:
                    message = f"{_OTHER_MESSAGE}{message}, expected {json.dumps(case.says)}"
                return self._outcome(case, got, done.returncode, message)
            values = _without_folder(json.loads(result.read_text()), folder, checkout.root)
            return self._outcome(case, got, 0, other_value(values, case.values), values)

    def python(self, model):
        """The Python whose packages this program's parsers need."""
        return self._environments / ENVIRONMENTS[model] / "bin" / "python"

    def _outcome(self, case, got, exit_code, message, values=None):
        return Outcome(case.name, case.model, case.expect, got, exit_code, message, values or {})


def environment(home):
    """The variables of a check: nothing of this machine's but what starting a program takes."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "PYTHONPATH": str(Path(__file__).parents[1]),
        # The working folder is the case's: no file in it may be imported.
        "PYTHONSAFEPATH": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        # Boxes of errors stand side by side where there is room.
        "COLUMNS": "80",
        "NO_COLOR": "1",
        "HF_HUB_OFFLINE": "1",
    }


def _without_paths(variables):
    """The case's variables, less those that would turn the check itself around."""
    return {name: value for name, value in variables.items() if name not in ("PATH", "PYTHONPATH", "HOME")}


def _without_folder(value, folder, checkout):
    """Values with paths as the case has them, so that two checks of one case are equal."""
    if isinstance(value, str):
        return value.replace(f"{folder}/", "").replace(f"{checkout}/", "").replace(str(folder), ".")
    if isinstance(value, list):
        return [_without_folder(item, folder, checkout) for item in value]
    if isinstance(value, dict):
        return {key: _without_folder(item, folder, checkout) for key, item in value.items()}
    return value


_MISSING = object()


def other_value(values, expected):
    """The first expected value that the program did not end up with; nothing where all are right."""
    for path, want in sorted(expected.items()):
        have = values
        for step in path.split("."):
            if isinstance(have, list) and step.isdigit() and int(step) < len(have):
                have = have[int(step)]
            elif isinstance(have, dict):
                have = have.get(step, _MISSING)
            else:
                have = _MISSING
        if have != want or isinstance(have, bool) != isinstance(want, bool):
            found = "nothing" if have is _MISSING else json.dumps(have)
            return f"{_OTHER_VALUE}{path} is {found}, expected {json.dumps(want)}"
    return ""


_EXCEPTION = re.compile(r"^([A-Za-z_]\w*\.)*[A-Za-z_]\w*(Error|Exception|Interrupt)(: .*)?$")
_ARGPARSE = re.compile(r"^\S+\.py: error: ")
_FIELDLESS = re.compile(r"^(.*: )?\d+ validation errors? for ")


def last_error(output):
    """The line of a program's output that says why it ended."""
    lines = [line.rstrip() for line in output.splitlines() if line.strip()]
    # pydantic names the field, if it is about one, and below it what is wrong with the value.
    for index in range(len(lines) - 1, 0, -1):
        if "[type=" in lines[index]:
            name = lines[index - 1].strip()
            what = lines[index].strip().split(" [type=")[0].removeprefix("Value error, ")
            return what if _FIELDLESS.match(name) else f"{name}: {what}"
    # tyro draws a box: what is wrong, a line across, advice.
    for index, line in enumerate(lines):
        if line.startswith("╭"):
            text = []
            for inner in lines[index + 1 :]:
                inner = inner.strip("│ ")
                if inner.startswith(("─", "╰")):
                    break
                text.append(inner)
            return " ".join(text)
    for line in reversed(lines):
        if _EXCEPTION.match(line) or _ARGPARSE.match(line) or line.startswith("Error"):
            return line
    return lines[-1] if lines else "no message"


def table(outcomes, width=100):
    """The outcomes as a table for people."""
    rows = [("case", "model", "expected", "got", "exit", "message")]
    for one in outcomes:
        got = one.got if one.is_as_expected else f"{one.got} (!)"
        rows.append((one.name, one.model, one.expected, got, str(one.exit_code), one.message))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = []
    for *cells, message in rows:
        cells = [cell.ljust(size) for cell, size in zip(cells, widths, strict=True)]
        message = message if len(message) <= width else message[: width - 3] + "..."
        lines.append("  ".join([*cells, message]).rstrip())
    return "\n".join(lines)


def counts(outcomes):
    """How many cases of each program went as expected."""
    parts = []
    for model in MODELS:
        those = [one for one in outcomes if one.model == model]
        if those:
            right = sum(one.is_as_expected for one in those)
            parts.append(f"{model}: {right} of {len(those)}")
    return "as expected: " + ", ".join(parts)
