#!/usr/bin/env bash
# Prints how fast and how faithful `cosmos prepare-inference` is, beside the ffmpeg command line on the same
# machine, on the sample shot and on a grainy version of it.
#
#   benches/compare.sh            everything (about half an hour on two cores)
#   benches/compare.sh speed      times, sizes and PSNR
#   benches/compare.sh stages     wall time beside the CPU time of each stage
#   benches/compare.sh memory     peak memory at 3840x2160
#   benches/compare.sh headers    header checks of 5,000 files
#
# Frames are kept in out/bench, so a second run is quicker. `memory` needs GNU time. With Python packages numpy and
# opencv-python-headless in PATH's python3, OpenCV's `mp4v` is timed too.

set -euo pipefail
cd "$(dirname "$0")/.."

frames=${FRAMES:-96}
size=${SIZE:-1920x1080}
work=$PWD/out/bench
modalities=(color depth segmentation vis edge)
cosmos=$PWD/target/release/cosmos

main() {
    scripts/setup.sh --tests
    cargo build --locked --quiet --release -p cosmos-workflow -p sample-shot
    mkdir -p "$work"
    case "${1:-all}" in
        speed) speed ;;
        stages) stages ;;
        memory) memory ;;
        headers) headers ;;
        all) speed && stages && memory && headers ;;
        *) echo 'usage: benches/compare.sh [speed|stages|memory|headers]' >&2 && exit 2 ;;
    esac
}

# shot NAME SIZE FRAMES [OPTION...]: renders a sample shot once.
shot() {
    local folder=$work/$1
    [[ -d $folder ]] && return
    echo "rendering $folder" >&2
    target/release/sample_shot "$folder.partial" --size "$2" --frames "$3" "${@:4}" >/dev/null
    mv "$folder.partial" "$folder"
}

# seconds COMMAND...: wall time of a command.
seconds() {
    local TIMEFORMAT=%R
    { time "$@" >/dev/null 2>&1; } 2>&1
}

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f", a / b }'; }

warm() { cat "$work/$1"/*.png >/dev/null; }

ours() {
    rm -rf "$work/ours"
    COSMOS_PATHS_LOCAL_VIDEOS_DIR=$work/ours "$cosmos" --config config.toml prepare-inference "$work/$1" --no-ai --name shot
}

# ffmpeg as people type it, one modality after another.
typed() {
    local modality
    for modality in "${modalities[@]}"; do
        ffmpeg -y -v error -nostdin -framerate 24 -i "$work/$1/$modality.%04d.png" \
            -c:v libx264 -crf 18 -pix_fmt yuv420p "$work/typed/$modality.mp4"
    done
}

# One modality with the settings that cosmos chose for it, as its metadata has them.
same_settings() {
    local quality level preset options
    IFS=';' read -r quality level preset options < <(awk -F'[:",]+' -v want="$2" '
        /"videos": \{/ { inside = 1 }
        inside && /": \{/ { name = $2 }
        name == want && /"(crf|qp)": / { gsub(/ /, "", $3); quality = $2 ";" $3 }
        name == want && /"preset"/ { preset = $4 }
        name == want && /"x264_options"/ { split($0, parts, "\""); print quality ";" preset ";" parts[4] }
    ' "$work"/ours/*/metadata.json)
    ffmpeg -y -v error -nostdin -framerate 24 -i "$work/$1/$2.%04d.png" -c:v libx264 -preset "$preset" "-$quality" "$level" \
        ${options:+-x264-params "$options"} -g 24 -pix_fmt yuv420p "$work/same/$2.mp4"
}

same_in_turn() { for modality in "${modalities[@]}"; do same_settings "$1" "$modality"; done; }

same_two_at_a_time() {
    local modality
    for modality in "${modalities[@]}"; do
        (($(jobs -rp | wc -l) < 2)) || wait -n
        same_settings "$1" "$modality" &
    done
    wait
}

# psnr VIDEO MATRIX SHOT MODALITY FLAGS: RGB, over all frames, decoded with the matrix that the file really has.
psnr() {
    ffmpeg -v error -nostdin -i "$1" -framerate 24 -i "$work/$3/$4.%04d.png" -lavfi "
        [0]settb=1/24,setpts=N,scale=in_color_matrix=$2:in_range=tv:flags=$5,format=rgb24,format=gbrp[video];
        [1]settb=1/24,setpts=N,format=rgb24,format=gbrp[frames];
        [video][frames]psnr=stats_file=-" -f null - | awk '
        { for (i = 1; i <= NF; i++) if (split($i, part, ":") == 2 && part[1] == "mse_avg") { sum += part[2]; n++ } }
        END { printf "%.2f", sum == 0 ? 99 : 10 * log(255 * 255 * n / sum) / log(10) }'
}

fast_reader=bicubic
exact_reader=bicubic+accurate_rnd+full_chroma_int

speed() {
    shot clean "$size" "$frames"
    shot grainy "$size" "$frames" --noise 0.15
    local name
    for name in clean grainy; do
        mkdir -p "$work/typed" "$work/same"
        warm "$name"
        local us first turn pair modality video
        us=$(seconds ours "$name")
        first=$(seconds typed "$name")
        us="$us $(seconds ours "$name")"
        turn=$(seconds same_in_turn "$name")
        pair=$(seconds same_two_at_a_time "$name")
        us="$us $(seconds ours "$name")"
        # The middle of three runs, spread over the comparison.
        us=$(tr ' ' '\n' <<<"$us" | sort -n | sed -n 2p)
        echo
        echo "$name: $frames frames of $size, ${#modalities[@]} modalities"
        printf '  %-44s %7.2f s\n' 'cosmos prepare-inference' "$us"
        printf '  %-44s %7.2f s   ours takes %s of it\n' 'ffmpeg -crf 18, one after another' "$first" "$(ratio "$us" "$first")"
        printf '  %-44s %7.2f s   ours takes %s of it\n' 'ffmpeg with our settings, one after another' "$turn" "$(ratio "$us" "$turn")"
        printf '  %-44s %7.2f s   ours takes %s of it\n' 'ffmpeg with our settings, two at a time' "$pair" "$(ratio "$us" "$pair")"
        opencv "$name" "$us"
        printf '\n  %-13s %10s %10s %6s   %s\n' '' 'ours' 'ffmpeg' 'ratio' 'PSNR in RGB, ours / ffmpeg: fast reader, exact reader'
        for modality in "${modalities[@]}"; do
            video=$(echo "$work"/ours/*/"$modality.mp4")
            local ours_bytes typed_bytes
            ours_bytes=$(stat -c %s "$video")
            typed_bytes=$(stat -c %s "$work/typed/$modality.mp4")
            printf '  %-13s %10d %10d %6s   %s / %s   %s / %s\n' "$modality" "$ours_bytes" "$typed_bytes" \
                "$(ratio "$ours_bytes" "$typed_bytes")" \
                "$(psnr "$video" bt709 "$name" "$modality" $fast_reader)" \
                "$(psnr "$work/typed/$modality.mp4" bt601 "$name" "$modality" $fast_reader)" \
                "$(psnr "$video" bt709 "$name" "$modality" $exact_reader)" \
                "$(psnr "$work/typed/$modality.mp4" bt601 "$name" "$modality" $exact_reader)"
        done
    done
}

# The Python tool that cosmos replaces wrote its videos like this.
opencv() {
    python3 -c 'import cv2, numpy' 2>/dev/null || return 0
    mkdir -p "$work/opencv"
    local taken
    taken=$(seconds python3 benches/opencv_mp4v.py "$work/$1" "$work/opencv")
    printf '  %-44s %7.2f s   ours takes %s of it\n' 'OpenCV mp4v, four threads' "$taken" "$(ratio "$2" "$taken")"
    local modality
    for modality in "${modalities[@]}"; do
        printf '    %-13s PSNR in RGB %s, exact reader %s\n' "$modality" \
            "$(psnr "$work/opencv/$modality.mp4" bt601 "$1" "$modality" $fast_reader)" \
            "$(psnr "$work/opencv/$modality.mp4" bt601 "$1" "$modality" $exact_reader)"
    done
}

stages() {
    shot clean "$size" "$frames"
    shot grainy "$size" "$frames" --noise 0.15
    local name
    for name in clean grainy; do
        warm "$name"
        echo
        echo "$name:"
        cargo bench --locked --quiet --bench stages -- "$work/$name"
    done
}

memory() {
    type -P time >/dev/null || { echo 'error: GNU time is missing (Debian: apt-get install time)' >&2 && exit 1; }
    shot uhd 3840x2160 48
    # Ten times as many frames, of the same files.
    local long=$work/uhd_long frame copy modality
    if [[ ! -d $long ]]; then
        mkdir -p "$long.partial"
        for modality in "${modalities[@]}"; do
            for ((frame = 1; frame <= 480; frame++)); do
                copy=$(printf '%s.%04d.png' "$modality" "$frame")
                ln -f "$work/uhd/$(printf '%s.%04d.png' "$modality" $(((frame - 1) % 48 + 1)))" "$long.partial/$copy"
            done
        done
        mv "$long.partial" "$long"
    fi
    local name
    echo
    for name in uhd uhd_long; do
        rm -rf "$work/ours"
        printf '%-40s' "$(find "$work/$name" -name 'color.*' | wc -l) frames of 3840x2160, five modalities:"
        COSMOS_PATHS_LOCAL_VIDEOS_DIR=$work/ours "$(type -P time)" -f 'peak memory %M KiB, %e s' \
            "$cosmos" --config config.toml prepare-inference "$work/$name" --no-ai --name shot 2>&1 >/dev/null |
            grep 'peak memory'
    done
}

headers() {
    local folder=$work/headers frame
    shot single 320x180 1 --modalities color
    if [[ ! -d $folder ]]; then
        mkdir -p "$folder.partial"
        for ((frame = 1; frame <= 5000; frame++)); do
            cp "$work/single/color.0001.png" "$folder.partial/$(printf 'color.%04d.png' "$frame")"
        done
        mv "$folder.partial" "$folder"
    fi
    warm headers
    "$cosmos" --config config.toml validate "$folder" >/dev/null
    echo
    echo "headers of 5,000 files: $(seconds "$cosmos" --config config.toml validate "$folder") s"
}

main "$@"
