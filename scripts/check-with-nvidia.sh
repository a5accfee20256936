#!/usr/bin/env bash
# Runs specs and command lines of cosmos through NVIDIA's own parsers, on a machine with checkouts of NVIDIA's
# repositories. Needs Python 3.11 or newer with venv; no GPU, no torch, no weights. Only the first run needs a
# network: pip fetches what the parsers import.
#
#   scripts/check-with-nvidia.sh CHECKOUT... [--json] -- SPEC_DIR   check the cases below a folder
#   scripts/check-with-nvidia.sh CHECKOUT... --write-keys DIR       write every key and flag that the programs know
#
# A checkout is one of cosmos-transfer1, cosmos-transfer2.5 or cosmos-framework. A case is a folder with a case.json
# (scripts/nvidia_parsers/cases.py says what is in it). Exit code 1: a case went otherwise than it expects.
#
# COSMOS_PYTHON names another Python than the newest one in PATH.

set -euo pipefail

fail() {
    printf 'error: %s\n' "$1" >&2
    shift
    for line in "$@"; do
        printf 'help:  %s\n' "$line" >&2
    done
    exit 2
}

usage='usage: scripts/check-with-nvidia.sh CHECKOUT... [--json] [--write-keys DIR] [-- SPEC_DIR]'
arguments=()
while (($#)); do
    case $1 in
        --)
            (($# == 2)) || fail 'one folder of specs comes after --' "$usage"
            arguments+=(--specs "$2")
            shift
            ;;
        -h | --help)
            echo "$usage"
            exit
            ;;
        *) arguments+=("$1") ;;
    esac
    shift
done
((${#arguments[@]})) || fail 'no checkout is named' "$usage"

scripts=$(cd "$(dirname "$0")" && pwd)
parsers=$scripts/nvidia_parsers

# The newest Python that runs. Version managers leave programs in PATH that only say they are not installed.
python=''
for candidate in ${COSMOS_PYTHON:-python3.13 python3.12 python3.11 python3}; do
    if "$candidate" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
[[ -n $python ]] || fail 'no Python 3.11 or newer with venv is found' \
    'install one (python3-venv on Debian), or name it with COSMOS_PYTHON'

# An environment a set of packages: Transfer and Cosmos 3 are written for different releases of the same ones.
version=$("$python" -c 'import sys; print(*sys.version_info[:2], sep=".")')
cache=${XDG_CACHE_HOME:-~/.cache}/cosmos/nvidia-parsers/python$version
for name in transfer cosmos3; do
    wanted=$parsers/requirements-$name.txt
    if ! cmp --silent "$wanted" "$cache/$name/requirements.txt"; then
        echo "making $cache/$name" >&2
        rm -rf "${cache:?}/$name"
        "$python" -m venv "$cache/$name" || fail "no environment could be made in $cache/$name"
        "$cache/$name/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$wanted" >&2 ||
            fail "pip could not install what the parsers import" "see above; the list is $wanted"
        # Last, so that an environment that was not finished is made again.
        cp "$wanted" "$cache/$name/requirements.txt"
    fi
done

PYTHONPATH=$scripts PYTHONDONTWRITEBYTECODE=1 exec "$cache/cosmos3/bin/python" -m nvidia_parsers \
    --environments "$cache" "${arguments[@]}"
