#!/usr/bin/env bash
# Builds cosmos, renders a small city as a renderer would, and makes Cosmos-ready videos of it. Everything is
# put under out/. Run again, it keeps the frames and makes the videos anew.

set -euo pipefail
cd "$(dirname "$0")/.."

frames=121 # one of Cosmos's windows
shot=out/sample_shot
videos=out/videos

scripts/setup.sh

echo 'building cosmos (some minutes the first time)'
cargo build --locked --release -p cosmos-workflow -p sample-shot
# Not through `cargo run`, which would build again: each of them alone needs fewer features of its dependencies.
built=${CARGO_TARGET_DIR:-target}/release

if [[ $(find "$shot" -name '*.png' 2>/dev/null | wc -l) -ne $((frames * 5)) ]]; then
    echo "rendering the sample shot to $shot"
    rm -rf "$shot" "$shot.partial"
    "$built/sample_shot" "$shot.partial" --frames "$frames" --start 1001
    mv "$shot.partial" "$shot"
fi

shopt -s nullglob
earlier=("$videos"/sample_city_*)
echo
echo "\$ cosmos prepare-inference $shot --name sample_city"
COSMOS_PATHS_LOCAL_VIDEOS_DIR=$videos "$built/cosmos" --config config.toml prepare-inference "$shot" --name sample_city
((${#earlier[@]} == 0)) || rm -r "${earlier[@]}"

results=("$videos"/sample_city_*)
cat <<TEXT

frames         $shot
videos         ${results[0]}
contact sheet  ${results[0]}/preview.png

To have cosmos at hand everywhere:  cargo install --locked --path .
Then, on a folder of your own:      cosmos prepare-inference FOLDER
TEXT
