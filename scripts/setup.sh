#!/usr/bin/env bash
# Installs what a build of cosmos needs and this machine lacks, and checks that it will do. Changes nothing
# where everything is there.
#
#   scripts/setup.sh           for building and running
#   scripts/setup.sh --tests   for the tests too

set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
    printf 'error: %s\n' "$1" >&2
    shift
    for line in "$@"; do
        printf 'help:  %s\n' "$line" >&2
    done
    exit 1
}

for_tests=false
case "${*:-}" in
    '') ;;
    --tests) for_tests=true ;;
    *) fail "unknown arguments: $*" 'usage: scripts/setup.sh [--tests]' ;;
esac

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT

# The engine of the AI models: the release, and for each kind of processor the SHA-256 of its wheel and of the
# library in it.
onnxruntime_version=1.32.0
case $(uname -sm) in
    'Linux x86_64')
        onnxruntime_wheel=99e1074c4b2197accd5073052a465361be17b89c093b8ffb6e6bd8f986c52df8
        onnxruntime_library=6c1585d1bbf45b0712ea4a21b705c5fcb4ba04ff2e30f1fbf81a49faf658638f
        ;;
    'Linux aarch64')
        onnxruntime_wheel=e36c187006e7a7c8b8d6d57f1a209dd63f52430dca6c282b177718ad6b841054
        onnxruntime_library=49852228a93995158b2a813d4df487d47a1b76b0eaa894507ef49e91b6d7954a
        ;;
    *) onnxruntime_wheel='' ;;
esac
# Where cosmos looks for it.
onnxruntime_file=${XDG_DATA_HOME:-~/.local/share}/cosmos/lib/libonnxruntime.so.$onnxruntime_version

wants_onnxruntime=true
if [[ -n ${ORT_DYLIB_PATH:-} || -z $onnxruntime_wheel ]] \
    || sha256sum --check --status 2>/dev/null <<<"$onnxruntime_library  $onnxruntime_file"; then
    wants_onnxruntime=false
fi

# Fetches the wheel and puts its library in place.
install_onnxruntime() {
    # pip fetches it from the index that this machine is set up for. In a subshell, since it may fail.
    python3 -m pip --version >/dev/null 2>&1 || (install_packages python3-pip) || return
    echo "installing onnxruntime $onnxruntime_version to ${onnxruntime_file%/*}"
    echo "onnxruntime==$onnxruntime_version --hash=sha256:$onnxruntime_wheel" >"$temporary/requirements.txt"
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary=:all: \
        --implementation cp --python-version 3.12 --abi cp312 --platform "manylinux_2_28_$(uname -m)" \
        --dest "$temporary" --requirement "$temporary/requirements.txt" || return
    python3 -m zipfile --extract "$temporary"/onnxruntime-*.whl "$temporary/wheel" || return
    # Copied beside its place first, so that it is never there in part.
    install -D -m 644 "$temporary/wheel/onnxruntime/capi/libonnxruntime.so.$onnxruntime_version" \
        "$onnxruntime_file.partial" || return
    mv "$onnxruntime_file.partial" "$onnxruntime_file"
}

# Copies the models that come with cosmos to where it looks for them in every folder, if they are not there already.
install_models() {
    local place=${XDG_DATA_HOME:-~/.local/share}/cosmos/shipped-models file files is_there=true
    mapfile -t files < <(find models \( -path models/export -o -path models/training \) -prune -o \
        -type f ! -name '*.md' ! -name '*.png' -printf '%P\n')
    for file in "${files[@]}"; do
        cmp --silent "models/$file" "$place/$file" || is_there=false
    done
    ! $is_there || return 0
    echo "copying the models to $place"
    # Beside its place first, so that it is never there in part.
    rm -rf "$place.partial" "$place.old" || return
    for file in "${files[@]}"; do
        install -D -m 644 "models/$file" "$place.partial/$file" || return
    done
    [[ ! -e $place ]] || mv "$place" "$place.old" || return
    mv "$place.partial" "$place" && rm -rf "$place.old"
}

# What is missing, as Debian and Ubuntu call it. Asked by what works rather than by package, so that an
# FFmpeg built from source counts too; libclang has no such question.
missing_packages() {
    command -v cc >/dev/null && command -v make >/dev/null || echo build-essential
    [[ -e /etc/ssl/certs/ca-certificates.crt ]] || echo ca-certificates
    command -v pkg-config >/dev/null || echo pkg-config
    local library
    for library in libavcodec libavformat libavutil libswscale; do
        pkg-config --exists "$library" 2>/dev/null || echo "$library-dev"
    done
    # SSH is built on these.
    pkg-config --exists openssl 2>/dev/null || echo libssl-dev
    pkg-config --exists zlib 2>/dev/null || echo zlib1g-dev
    # bindgen reads FFmpeg's headers with it.
    [[ -n ${LIBCLANG_PATH:-} ]] || is_installed libclang-dev || echo libclang-dev
    if $for_tests; then
        # The tests look at videos with another program than the one that made them.
        command -v ffmpeg >/dev/null && command -v ffprobe >/dev/null || echo ffmpeg
        # A GPU host of their own, on this machine.
        in_system_path dockerd && in_system_path docker || echo docker.io
        in_system_path sshd || echo openssh-server
        # Shells that complete.
        command -v zsh >/dev/null || echo zsh
        command -v fish >/dev/null || echo fish
    fi
}

# Daemons lie where only root looks.
in_system_path() {
    PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin command -v "$1" >/dev/null
}

is_installed() {
    [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 "$@" </dev/null
}

update_package_lists() {
    local pause
    for pause in 5 15 0; do
        # Without --error-on a mirror that does not answer is only a warning.
        apt update --quiet --error-on=any && return
        sleep "$pause"
    done
    echo 'the package lists could not be fetched; going on with those that are there' >&2
}

install_packages() {
    command -v apt-get >/dev/null || fail "these are missing: $*" \
        'they are named as in Debian and Ubuntu; install what your system calls them, then run this again'
    as_root=()
    if ((EUID != 0)); then
        command -v sudo >/dev/null || fail "these packages are missing: $*" "run as root: apt-get install $*"
        as_root=(sudo)
    fi
    echo "installing $*"
    update_package_lists
    apt install --quiet --yes --no-install-recommends "$@" || fail 'apt-get could not install the packages' \
        "see above; the packages are $*"
}

mapfile -t missing < <(missing_packages)
if ((${#missing[@]})); then
    install_packages "${missing[@]}"
    mapfile -t missing < <(missing_packages)
    ((${#missing[@]} == 0)) || fail "still missing after the installation: ${missing[*]}"
fi

# FFmpeg 5.0 came with libavcodec 59.
pkg-config --atleast-version=59 libavcodec || fail \
    "FFmpeg 5 or newer is needed; libavcodec here is $(pkg-config --modversion libavcodec), which is older than 59" \
    'use Debian 12, Ubuntu 24.04 or newer, or build FFmpeg yourself and set PKG_CONFIG_PATH'

# Asks the very library that cosmos will be linked with.
cat >"$temporary/probe.c" <<'C'
#include <libavcodec/avcodec.h>
int main(void) { return avcodec_find_encoder_by_name("libx264") == NULL; }
C
read -ra flags < <(pkg-config --cflags --libs libavcodec)
cc "$temporary/probe.c" -o "$temporary/probe" "${flags[@]}" || fail 'a program that uses libavcodec does not compile' \
    'see above; are the development files of FFmpeg complete?'
"$temporary/probe" || fail 'this FFmpeg has no libx264, so it cannot write H.264' \
    'install the FFmpeg of Debian or Ubuntu, or build it with --enable-gpl --enable-libx264'

wanted=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
install_rust="install Rust $wanted or newer: https://rustup.rs (the cargo package of Debian 12 is too old)"
command -v cargo >/dev/null && command -v rustc >/dev/null || fail 'cargo and rustc are not found' \
    "$install_rust" 'if you have just done that: . "$HOME/.cargo/env"'
version=$(rustc --version) || fail 'rustc does not run' "$install_rust"
version=${version#rustc }
version=${version%% *}
# The lower of the two, in the order of version numbers, must be the wanted one.
[[ $(printf '%s\n' "$wanted" "${version%%-*}" | sort --version-sort | head -n 1) == "$wanted" ]] || fail \
    "Rust $wanted or newer is needed; this is $version" "with rustup: rustup update stable" "else $install_rust"

if $wants_onnxruntime && ! install_onnxruntime; then
    remedy=('run this again with a network' 'or set ORT_DYLIB_PATH to a libonnxruntime.so of your own')
    ! $for_tests || fail 'onnxruntime could not be installed, and the tests need it' "${remedy[@]}"
    echo 'warning: onnxruntime could not be installed: everything but the AI models will work' >&2
    printf 'help:  %s\n' "${remedy[@]}" >&2
fi

install_models || {
    echo 'warning: the models could not be copied: cosmos finds them in this folder only' >&2
    echo 'help:  make room for them, or name them with COSMOS_MODELS' >&2
}
