#!/usr/bin/env bash
# Prints what looking at pictures costs, for the program as it is used: the time from its start to the first result of
# tagger and detector, pictures a second over a folder with the models loaded, and peak memory.
#
#   benches/describe.sh
#
# The pictures are frames of the sample shot, kept in out/bench. Needs GNU time. COSMOS names another binary than the
# release build; SIZE and PICTURES change the folder.

set -euo pipefail
cd "$(dirname "$0")/.."

size=${SIZE:-1280x720}
pictures=${PICTURES:-120}
runs=7
work=$PWD/out/bench
folder=$work/describe_$size
report=$work/describe.json

scripts/setup.sh
cargo build --locked --quiet --release --example sample_shot
if [[ -z ${COSMOS:-} ]]; then
    cargo build --locked --quiet --release --bin cosmos
    COSMOS=$PWD/target/release/cosmos
fi
mkdir -p "$work"
if [[ $(find "$folder" -name '*.png' 2>/dev/null | wc -l) -lt $pictures ]]; then
    echo "rendering $folder" >&2
    rm -rf "$folder" "$folder.partial"
    target/release/examples/sample_shot "$folder.partial" --size "$size" --frames "$pictures" >/dev/null
    find "$folder.partial" -name '*.png' ! -name '*color*' -delete
    mv "$folder.partial" "$folder"
fi
mapfile -t files < <(find "$folder" -name '*color*.png' | sort | head -n "$pictures")

# describe FILE...: seconds and kilobytes at the peak, with nothing known from an earlier run.
describe() {
    local cache=$work/describe.cache
    rm -rf "$cache"
    XDG_CACHE_HOME=$cache COSMOS_MODELS=models /usr/bin/time --format '%e %M' --output "$work/describe.time" \
        "$COSMOS" --config config.toml describe "$@" --json >"$report"
    ! grep -q '"fallbacks": \[[^]]' "$report" || { echo "error: a model was not used: see $report" >&2 && exit 1; }
    cat "$work/describe.time"
}

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

describe "${files[0]}" >/dev/null
cold=$(for ((run = 0; run < runs; run++)); do describe "${files[0]}"; done | cut -d' ' -f1 | median)
cat "${files[@]}" >/dev/null
read -r all memory < <(describe "${files[@]}")

echo "$(nproc) processors, frames of $size"
echo "from the start to the first result: $cold s (median of $runs; the goal is 0.6 s)"
awk -v n="${#files[@]}" -v all="$all" -v cold="$cold" -v memory="$memory" 'BEGIN {
    printf "with the models loaded: %.1f pictures a second, decoding included (the goal is 15)\n", (n - 1) / (all - cold)
    printf "peak memory: %.0f MB (the goal is 500 MB)\n", memory / 1000
}'
