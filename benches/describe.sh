#!/usr/bin/env bash
# Prints what looking at pictures costs, for the program as it is used: the time from its start to the first result of
# tagger and detector, pictures a second over a folder with the models loaded, peak memory, and how much longer
# prepare-inference takes with them.
#
#   benches/describe.sh
#
# With PYTHON set, benches/captions.sh follows: a captioner of full size beside Python's onnxruntime.
#
# The pictures are frames of the sample shot, and so is the shot, kept in out/bench. Needs GNU time. COSMOS names another
# binary than the release build; SIZE and PICTURES change the folder, SHOT_SIZE, FRAMES and ROUNDS what is prepared.

set -euo pipefail
cd "$(dirname "$0")/.."

size=${SIZE:-1280x720}
pictures=${PICTURES:-120}
shot_size=${SHOT_SIZE:-1920x1080}
frames=${FRAMES:-96}
rounds=${ROUNDS:-7}
runs=7
work=$PWD/out/bench
folder=$work/describe_$size
shot=$work/shot_${shot_size}_$frames
report=$work/describe.json
# Ours, so that what is measured does not depend on what the user has done.
export XDG_CACHE_HOME=$work/describe.cache COSMOS_MODELS=models

scripts/setup.sh
cargo build --locked --quiet --release -p sample-shot
if [[ -z ${COSMOS:-} ]]; then
    cargo build --locked --quiet --release --bin cosmos
    COSMOS=$PWD/target/release/cosmos
fi
mkdir -p "$work"
if [[ $(find "$folder" -name '*.png' 2>/dev/null | wc -l) -lt $pictures ]]; then
    echo "rendering $folder" >&2
    rm -rf "$folder" "$folder.partial"
    target/release/sample_shot "$folder.partial" --size "$size" --frames "$pictures" >/dev/null
    find "$folder.partial" -name '*.png' ! -name '*color*' -delete
    mv "$folder.partial" "$folder"
fi
if [[ ! -d $shot ]]; then
    echo "rendering $shot" >&2
    rm -rf "$shot.partial"
    target/release/sample_shot "$shot.partial" --size "$shot_size" --frames "$frames" >/dev/null
    mv "$shot.partial" "$shot"
fi
mapfile -t files < <(find "$folder" -name '*color*.png' | sort | head -n "$pictures")

# describe FILE...: seconds and kilobytes at the peak, with nothing known from an earlier run.
describe() {
    rm -rf "$XDG_CACHE_HOME/cosmos/descriptions"
    /usr/bin/time --format '%e %M' --output "$work/describe.time" "$COSMOS" --config config.toml describe "$@" \
        --json >"$report"
    ! grep -q '"fallbacks": \[[^]]' "$report" || { echo "error: a model was not used: see $report" >&2 && exit 1; }
    cat "$work/describe.time"
}

# prepare OPTION: seconds that prepare-inference takes.
prepare() {
    rm -rf "$work/prepared"
    COSMOS_PATHS_LOCAL_VIDEOS_DIR=$work/prepared /usr/bin/time --format '%e' --output "$work/describe.time" \
        "$COSMOS" --config config.toml prepare-inference "$shot" "$1" --name shot --json >"$report" 2>/dev/null
    cat "$work/describe.time"
}

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

cat models/*.onnx models/*/*.onnx >/dev/null
rm -rf "$XDG_CACHE_HOME"
read -r first _ < <(describe "${files[0]}")
cold=$(for ((run = 0; run < runs; run++)); do describe "${files[0]}"; done | cut -d' ' -f1 | median)
cat "${files[@]}" >/dev/null
read -r all memory < <(describe "${files[@]}")

echo "$(nproc) processors, frames of $size"
echo "from the start to the first result: $cold s (median of $runs; the goal is 0.6 s); $first s where nothing is kept yet"
awk -v n="${#files[@]}" -v all="$all" -v cold="$cold" -v memory="$memory" 'BEGIN {
    printf "with the models loaded: %.1f pictures a second, decoding included (the goal is 15)\n", (n - 1) / (all - cold)
    printf "peak memory: %.0f MB (the goal is 500 MB)\n", memory / 1000
}'

# In turns, so that a machine that slows down does so for both.
prepare --no-ai >/dev/null
for ((round = 0; round < rounds; round++)); do
    echo "$(prepare --no-ai) $(prepare --use-ai)"
done >"$work/describe.rounds"
! grep -q '"models": \[\]' "$report" || { echo "error: no model was used: see $report" >&2 && exit 1; }
without=$(cut -d' ' -f1 "$work/describe.rounds" | median)
with=$(cut -d' ' -f2 "$work/describe.rounds" | median)
rm -rf "$work/prepared"
awk -v without="$without" -v with="$with" -v rounds="$rounds" -v shot="$frames frames of $shot_size" 'BEGIN {
    printf "prepare-inference, %s, five modalities: %.2f s without a look at the shot, %.2f s with it, %+.1f %% ", shot, \
        without, with, 100 * (with / without - 1)
    printf "(medians of %d in turns; the goal is 10 %%)\n", rounds
}'
[[ -z ${PYTHON:-} ]] || benches/captions.sh
