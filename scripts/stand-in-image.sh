#!/usr/bin/env bash
# Makes a Docker image of the stand-in for Cosmos (tools/stand-in), with which `cosmos run` can be tried
# on a machine without a GPU. It holds bash, the stand-in as torchrun and python, and the few programs of GNU
# coreutils that its commands call; nothing is downloaded.
#
#   scripts/stand-in-image.sh [NAME]              the image, called cosmos-stand-in:latest unless told otherwise
#   scripts/stand-in-image.sh --venv [NAME]       the same with the programs in /workspace/.venv, as the images of
#                                                 Transfer2.5 and Cosmos 3 have them: a checkout mounted at /workspace
#                                                 hides them unless /workspace/.venv is a volume of its own
#   scripts/stand-in-image.sh --checkout FOLDER   an empty checkout to mount: the files that the commands name

set -euo pipefail

if [[ ${1:-} == --checkout ]]; then
    folder=${2:?which folder?}
    mkdir -p "$folder"/{checkpoints,cosmos_transfer1/diffusion/inference,examples,inputs,outputs}
    touch "$folder"/{cosmos_transfer1/diffusion/inference/transfer,examples/inference}.py
    exit
fi

programs=/usr/local/bin
if [[ ${1:-} == --venv ]]; then
    programs=/workspace/.venv/bin
    shift
fi
name=${1:-cosmos-stand-in:latest}
cd "$(dirname "$0")/.."
cargo build --quiet --locked -p cosmos-stand-in
program=${CARGO_TARGET_DIR:-target}/debug/cosmos_stand_in

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root"/{bin,etc,tmp,root,proc,sys,dev,usr/local/bin,workspace} "$root$programs"
chmod 1777 "$root/tmp"
echo 'root:x:0:0:root:/root:/bin/bash' >"$root/etc/passwd"
echo 'root:x:0:' >"$root/etc/group"
# A login shell is what the commands run in.
path=$programs:/bin
echo "PATH=$path" >"$root/etc/profile"

# A program and the libraries it is linked with, under the same paths.
add() {
    install -D --strip "$1" "$root/$2" 2>/dev/null || install -D "$1" "$root/$2"
    local library
    while read -r library; do
        [[ -e $root$library ]] || install -D "$library" "$root$library"
    done < <(ldd "$1" | grep -o '/[^ ]*')
}
add "$(command -v bash)" bin/bash
ln -s bash "$root/bin/sh"
for tool in cat sleep stdbuf tr; do
    add "$(command -v "$tool")" "bin/$tool"
done
# What stdbuf works by.
stdbuf_library=/usr/libexec/coreutils/libstdbuf.so
[[ ! -e $stdbuf_library ]] || add "$stdbuf_library" "${stdbuf_library#/}"
add "$program" "${programs#/}/torchrun"
for other in python python3; do
    ln -s torchrun "$root$programs/$other"
done

tar -C "$root" --numeric-owner --owner 0 --group 0 -c . |
    docker import --change "ENV PATH=$path" --change 'CMD ["bash"]' \
        --change 'LABEL cosmos-workflow.checkpoints=included' - "$name" >/dev/null
echo "$name"
