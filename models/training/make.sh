#!/bin/sh
# Makes the captioner from nothing: pictures, features, tokenizer, training, settings, export and scores.
#
#     models/training/make.sh DATA OUT [TRACED] [CYCLES] [WIDE_TRACED] [WIDE] [LOOSE] [POVRAY] [WORD_STEPS] [TUNED_STEPS]
#
# DATA takes about 80 KB for each scene. Needs blender (3.4, with Debian's python3-numpy), povray and rustc on the path,
# and the packages of requirements.txt in the python that PYTHON names. It keeps about one core busy. Started
# again, it goes on where it stopped.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=$1 out=$2 traced=${3:-2000} cycles=${4:-2400} wide_traced=${5:-2500} wide=${6:-257} loose=${7:-0} povray=${8:-800} words=${9:-700}
tuned=${10:-0} python=${PYTHON:-python3}
mkdir -p "$data/img" "$data/feat"
export TRACER_DIR="$data" OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
ours="$data/img/traced,$data/img/cycles" pov="$data/img/pov"
step() { echo "== $(date +%H:%M:%S) $*"; }
traced() { step traced "$@"; "$python" "$here/render_traced.py" "$data/img/traced" "$@"; }
cycles() { step cycles "$@"; blender -b -t 1 -P "$here/render_cycles.py" -- "$data/img/cycles" "$@" >> "$data/cycles.log" 2>&1; }
povray() { step povray "$@"; "$python" "$here/render_pov.py" "$pov" "$@"; }

# What settings are chosen on, what the model learns from, and what it is scored on. No two share a seed.
# POV-Ray mostly waits for itself, so it renders beside the others.
(povray choose-other 20000 300 && povray other 30000 240 && povray train 100000 "$povray") &
beside=$!
for set in fresh combos; do traced "choose-$set" 40000 180; cycles "choose-$set" 45000 60; done
traced train 0 "$traced"
cycles train 500000 "$cycles"
traced wide 720000 "$wide_traced"
cycles wide 700000 366
cycles wide 701000 "$wide"
cycles loose 800000 "$loose"
cycles choose-wide 740000 120
cycles widest 750000 150
for set in fresh combos; do traced "$set" 60000 180; cycles "$set" 65000 60; done
wait "$beside"

choose="$ours:choose-fresh $ours:choose-combos $ours:choose-wide $pov:choose-other"
scored="$ours:fresh $ours:combos $ours:widest $pov:other"
step encode
"$python" "$here/encode.py" "$data/feat/train" 2 train,loose,wide "$data/img/cycles" "$data/img/traced" "$pov"
step words
once() { [ -s "$1" ] || { shift; "$@"; }; }
once "$data/tokenizer.json" "$python" "$here/tokenizer.py" "$data/tokenizer.json"
once "$data/decoder.pt" "$python" "$here/train_decoder.py" "$data/tokenizer.json" "$data/concepts.json" "$data/decoder.pt" "$words" "$data/img/traced/truth.jsonl" "$data/img/cycles/truth.jsonl" "$pov/truth.jsonl"
step heads
once "$data/head.pt" "$python" "$here/train_head.py" "$data/feat/train" "$data/concepts.json" "$data/head.pt" 7 "$tuned"
step settings and export
# Without quotes: each name of a set is a word of its own.
"$python" "$here/choose.py" sharpness "$data/head.pt" "$data/decoder.pt" "$data/tokenizer.json" "$data/concepts.json" "$data/sharpness.json" $choose
"$python" "$here/export.py" "$data/head.pt" "$data/decoder.pt" "$data/tokenizer.json" "$data/concepts.json" "$data/sharpness.json" "$out"
"$python" "$here/choose.py" threshold "$out" $choose
step scores
"$python" "$here/evaluate.py" "$out" "$data/scores.json" --sheet "$data/captions.png" $scored
step done
