"""The command line of the check. Started by scripts/check-with-nvidia.sh, which makes the environments."""

import argparse
import json
import sys
from pathlib import Path

from nvidia_parsers import checkouts, keys
from nvidia_parsers.cases import read_cases
from nvidia_parsers.check import Checker, counts, table


def main():
    options = _options()
    try:
        found = [checkouts.recognise(folder) for folder in options.checkouts]
        cases = read_cases(options.specs) if options.specs else []
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    checker = Checker(found, options.environments)
    for checkout in found:
        print(f"{checkout.model}: {checkout.repository()} at {checkout.commit()}", file=sys.stderr)
    if options.write_keys:
        try:
            keys.write(found, checker, Path(options.write_keys))
        except RuntimeError as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
    if not cases:
        return 0
    outcomes = checker.check_all(cases)
    if options.json:
        json.dump([one.to_json() for one in outcomes], sys.stdout, indent=2)
        print()
    else:
        print(table(outcomes))
        print(counts(outcomes))
    if not outcomes:
        print("error: no case is for one of these checkouts", file=sys.stderr)
        return 2
    return 0 if all(one.is_as_expected for one in outcomes) else 1


def _options():
    parser = argparse.ArgumentParser(prog="check-with-nvidia.sh", description=__doc__)
    parser.add_argument("checkouts", nargs="+", metavar="CHECKOUT", help="a checkout of one of NVIDIA's repositories")
    parser.add_argument("--specs", metavar="SPEC_DIR", help="the folder of cases")
    parser.add_argument("--json", action="store_true", help="print outcomes and resolved values as JSON")
    parser.add_argument("--write-keys", metavar="DIR", help="write every key and flag that the programs know")
    parser.add_argument("--environments", required=True, metavar="DIR", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
