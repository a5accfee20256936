#!/bin/sh
# Makes the captioner from nothing: pictures, features, tokenizer, training, export and scores.
#
#     models/training/make.sh DATA OUT [SCENES] [WORD_STEPS] [TUNED_STEPS]
#
# DATA takes about 150 KB for each scene. Needs blender (3.4), povray and rustc on the path, and the packages of
# requirements.txt in the python that PYTHON names. Started again, it goes on where it stopped.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=$1 out=$2 scenes=${3:-2200} words=${4:-1000} tuned=${5:-0} python=${PYTHON:-python3}
mkdir -p "$data/img" "$data/feat"
export TRACER_DIR="$data"
traced() { "$python" "$here/render_traced.py" "$data/img/traced" "$@"; }
cycles() { blender -b -t 1 -P "$here/render_cycles.py" -- "$data/img/cycles" "$@"; }

(cycles train 500000 $((scenes / 25)); cycles fresh 5000 60; cycles combos 5000 60) > "$data/cycles.log" 2>&1 &
traced train 0 "$scenes"
traced fresh 0 240
traced combos 0 240
"$python" "$here/render_pov.py" "$data/img/other" 240
wait
"$python" "$here/encode.py" "$data/feat/train" 3 train "$data/img/traced" "$data/img/cycles"
"$python" "$here/tokenizer.py" "$data/tokenizer.json"
"$python" "$here/train_decoder.py" "$data/tokenizer.json" "$data/concepts.json" "$data/decoder.pt" "$words" "$data/img/traced/truth.jsonl" "$data/img/cycles/truth.jsonl"
"$python" "$here/train_head.py" "$data/feat/train" "$data/concepts.json" "$data/head.pt" 13 "$tuned"
"$python" "$here/export.py" "$data/head.pt" "$data/decoder.pt" "$data/tokenizer.json" "$data/concepts.json" "$out"
"$python" "$here/evaluate.py" "$out" "$data/scores.json" --sheet "$data/captions.png" \
    "$data/img/traced,$data/img/cycles:fresh" "$data/img/traced,$data/img/cycles:combos" "$data/img/other:other"
