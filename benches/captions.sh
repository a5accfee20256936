#!/usr/bin/env bash
# Prints how long a full-size captioner (ViT-base and GPT-2, random weights, 16 words) takes for a picture, beside
# Python's onnxruntime doing the same.
#
#   PYTHON=venv/bin/python benches/captions.sh
#
# PYTHON needs models/export/captioners/requirements.txt. The captioner (1 GB) is kept in out/bench.

set -euo pipefail
cd "$(dirname "$0")/.."

# onnxruntime reports on its use otherwise.
export ORT_DISABLE_TELEMETRY=1

python=${PYTHON:-python3}
threads=${THREADS:-$(nproc)}
rounds=${ROUNDS:-7}
captioner=${CAPTIONER:-out/bench/captioner}
picture=fixtures/photos/cat.png

if [[ ! -d $captioner ]]; then
    rm -rf "$captioner.partial"
    "$python" models/export/captioners/make.py full-size "$captioner.partial" >/dev/null
    mv "$captioner.partial" "$captioner"
fi
cargo bench --locked --quiet --bench captions --no-run

# The middle of all rounds but the first, which warms up.
middle() { sed -n 's/^\([0-9.]*\) s, tokens.*/\1/p' <<<"$1" | tail -n +2 | sort -n | sed -n "$((rounds / 2))p"; }

words() { sed -n 's/.*tokens \(.*\)/\1/p' <<<"$1" | sort -u; }

ours=$(cargo bench --locked --quiet --bench captions -- "$captioner" "$picture" "$threads" "$rounds")
theirs=$("$python" benches/captions.py "$captioner" "$picture" "$threads" "$rounds")
[[ $(words "$ours") == "$(words "$theirs")" ]] || {
    printf 'error: the captions differ: %s and %s\n' "$(words "$ours")" "$(words "$theirs")" >&2
    exit 1
}
echo "a caption of a full-size ViT and GPT-2 on $threads threads, 16 words, warm:"
echo "  cosmos               $(middle "$ours") s"
echo "  Python, onnxruntime  $(middle "$theirs") s"
awk -v a="$(middle "$ours")" -v b="$(middle "$theirs")" 'BEGIN { printf "  ours takes %.2f of it\n", a / b }'
