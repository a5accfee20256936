#!/usr/bin/env bash
# Prints how long a full-size captioner (ViT-base and GPT-2, random weights, 16 words) takes for a picture, beside
# Python's onnxruntime doing the same.
#
#   PYTHON=venv/bin/python benches/captions.sh
#
# Needs the onnxruntime of scripts/setup.sh, and in PYTHON models/export/captioners/requirements.txt. The captioner
# (1 GB) is kept in out/bench; CAPTIONER names another folder. THREADS, ROUNDS (a turn) and TURNS can be set.

set -euo pipefail
cd "$(dirname "$0")/.."

# onnxruntime reports on its use otherwise.
export ORT_DISABLE_TELEMETRY=1

python=${PYTHON:-python3}
threads=${THREADS:-$(nproc)}
rounds=${ROUNDS:-7}
turns=${TURNS:-3}
captioner=${CAPTIONER:-out/bench/captioner}
picture=fixtures/photos/cat.png

if [[ ! -d $captioner ]]; then
    rm -rf "$captioner.partial"
    "$python" models/export/captioners/make.py full-size "$captioner.partial" >/dev/null
    mv "$captioner.partial" "$captioner"
fi
cargo bench --locked --quiet --bench captions --no-run

# The rounds but the first, which warms up.
times() { sed -n 's/^\([0-9.]*\) s, tokens.*/\1/p' <<<"$1" | tail -n +2; }

middle() { printf '%s' "$1" | sort -n | sed -n "$(((turns * (rounds - 1) + 1) / 2))p"; }

words() { sed -n 's/.*tokens \(.*\)/\1/p' <<<"$1" | sort -u; }

# They take turns, as a machine is not equally quick all the time.
ours='' theirs=''
for ((turn = 0; turn < turns; turn++)); do
    our=$(cargo bench --locked --quiet --bench captions -- "$captioner" "$picture" "$threads" "$rounds")
    their=$("$python" benches/captions.py "$captioner" "$picture" "$threads" "$rounds")
    [[ $(words "$our") == "$(words "$their")" ]] || {
        printf 'error: the captions differ: %s and %s\n' "$(words "$our")" "$(words "$their")" >&2
        exit 1
    }
    ours+=$(times "$our")$'\n'
    theirs+=$(times "$their")$'\n'
done
echo "a caption of a full-size ViT and GPT-2 on $threads threads, 16 words, warm:"
echo "  cosmos               $(middle "$ours") s"
echo "  Python, onnxruntime  $(middle "$theirs") s"
awk -v a="$(middle "$ours")" -v b="$(middle "$theirs")" 'BEGIN { printf "  ours takes %.2f of it\n", a / b }'
