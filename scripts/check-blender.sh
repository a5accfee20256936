#!/usr/bin/env bash
# Checks examples/blender/cosmos_passes.py with Blender itself: makes a small scene for each view that this Blender and
# cosmos share, renders it through the script without a window, and looks at what came out. Needs Blender 3.4 or newer
# with Cycles; no GPU, no display.
#
#   scripts/check-blender.sh [COSMOS]     the cosmos program [default: target/debug/cosmos]
#
# BLENDER names another Blender than the one in PATH. With KEEP=FOLDER the scenes, frames and videos stay there.

set -euo pipefail

fail() {
    printf 'error: %s\n' "$1" >&2
    shift
    for line in "$@"; do
        printf 'help:  %s\n' "$line" >&2
    done
    exit 1
}

root=$(cd "$(dirname "$0")/.." && pwd)
cosmos=${1:-$root/target/debug/cosmos}
[[ -x $cosmos ]] || fail "$cosmos is no program" 'build it with cargo build, or name it: scripts/check-blender.sh COSMOS'
cosmos=$(realpath "$cosmos")
blender=${BLENDER:-blender}
command -v "$blender" >/dev/null || fail "no $blender in PATH" 'install Blender, or name it with BLENDER=PATH'
script=$root/examples/blender/cosmos_passes.py

if [[ -n ${KEEP:-} ]]; then
    mkdir -p "$KEEP"
    work=$(realpath "$KEEP")
else
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi
cd "$work"

cat >make_scene.py <<'PYTHON'
"""Saves a scene of a few objects with a moving camera: make_scene.py -- VIEW FILE. Exit code 3: no such view here."""

import sys

import bpy

view, path = sys.argv[sys.argv.index("--") + 1 :]
scene = bpy.context.scene
try:
    scene.view_settings.view_transform = view
except TypeError:
    sys.exit(3)
scene.view_settings.look = "None"
scene.view_settings.exposure = -0.5

for thing in list(bpy.data.objects):
    if thing.type == "MESH":
        bpy.data.objects.remove(thing)


def add(operator, name, color, **where):
    operator(**where)
    thing = bpy.context.object
    thing.name = name
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    material.node_tree.nodes["Principled BSDF"].inputs["Base Color"].default_value = (*color, 1)
    thing.data.materials.append(material)


add(bpy.ops.mesh.primitive_plane_add, "Floor", (0.4, 0.4, 0.4), size=30, location=(0, 0, 0))
add(bpy.ops.mesh.primitive_cube_add, "Crate", (0.7, 0.2, 0.05), size=2, location=(-1.5, 0, 1))
add(bpy.ops.mesh.primitive_uv_sphere_add, "Ball", (0.05, 0.2, 0.7), radius=1, location=(1.5, -1, 1))
add(bpy.ops.mesh.primitive_cone_add, "Cone", (0.1, 0.6, 0.1), radius1=1, depth=3, location=(1, 4, 1.5))

camera = scene.camera
camera.rotation_euler = (1.3, 0, 0)
for frame, x in ((1, -1), (4, 1)):
    camera.location = (x, -9, 3)
    camera.keyframe_insert("location", frame=frame)

scene.render.engine = "CYCLES"
scene.cycles.device = "CPU"
scene.cycles.samples = 4
scene.cycles.use_denoising = False
scene.render.resolution_x, scene.render.resolution_y = 320, 180
scene.render.resolution_percentage = 100
scene.frame_start, scene.frame_end = 1, 4
scene.render.fps = 30
bpy.ops.wm.save_as_mainfile(filepath=path)
PYTHON

# Runs before and after the script under test in one Blender, with its settings in between.
cat >remember.py <<'PYTHON'
import bpy


def state():
    scene = bpy.context.scene
    render, image, layer = scene.render, scene.render.image_settings, scene.view_layers[0]
    owners = {
        scene: ("frame_start", "frame_end", "frame_current"),
        render: ("filepath", "use_overwrite", "use_placeholder", "use_sequencer", "use_file_extension"),
        image: ("media_type", "file_format", "color_mode", "color_depth", "exr_codec", "color_management"),
        layer: ("use", "use_pass_combined", "use_pass_z", "use_pass_cryptomatte_object"),
    }
    return {name: getattr(owner, name, None) for owner, names in owners.items() for name in names}


before = bpy.app.driver_namespace.get("before")
if before is None:
    bpy.app.driver_namespace["before"] = state()
else:
    changed = {name: (was, state()[name]) for name, was in before.items() if was != state()[name]}
    if changed:
        raise SystemExit(f"error: settings were not put back: {changed}")
    print("all settings are as before")
PYTHON

cat >check.py <<'PYTHON'
"""Looks at a prepared shot: check.py -- FOLDER VIEW."""

import json
import pathlib
import sys

folder, view = sys.argv[sys.argv.index("--") + 1 :]
folder = pathlib.Path(folder)
wrong = []


def expect(right, message):
    if not right:
        wrong.append(message)


for name in ("color.mp4", "depth.mp4", "segmentation.mp4", "preview.png"):
    path = folder / name
    expect(path.is_file() and path.stat().st_size > 1000, f"{name} is missing, or next to empty")

metadata = json.loads((folder / "metadata.json").read_text())
layers = metadata["source"]["layers"]
for modality in ("color", "depth", "segmentation"):
    expect(modality in metadata["modalities"], f"metadata.json has no {modality}")
    expect(modality in layers, f"metadata.json does not say which layer {modality} is")
color = layers.get("color", {}).get("conversion", "")
expect(f"view {view}" in color, f"color is not shown with the view {view}: {color}")
expect("exposure -0.5" in color, f"color is not shown with the exposure -0.5: {color}")
near, far = layers.get("depth", {}).get("depth_ends", (0, 0))
expect(3 < near < far < 60, f"depth goes from {near} to {far}, which is not this scene")
objects = set(layers.get("segmentation", {}).get("colors", {}))
expect({"Floor", "Crate", "Ball", "Cone"} <= objects, f"segmentation has other objects: {sorted(objects)}")
expect(metadata["frame_count"] == 4, f"the videos have {metadata['frame_count']} frames, not 4")
expect(metadata["resolution"] == [320, 180], f"the videos are {metadata['resolution']}, not 320x180")
expect(metadata["fps"] == 30, f"the videos have {metadata['fps']} frames a second, not 30")

for message in wrong:
    print(f"error: {message}", file=sys.stderr)
sys.exit(bool(wrong))
PYTHON

# Blender with a Python script that decides the exit code.
run() {
    "$blender" -b --factory-startup --python-exit-code 1 "$@"
}

# Runs Blender, and shows what it said only if it did not end as it should: expect CODE LOG ARGUMENTS...
expect() {
    local wanted=$1 log=$2 code=0
    shift 2
    run "$@" >"$log" 2>&1 || code=$?
    if [[ $wanted == failure && $code -eq 0 ]] || [[ $wanted == success && $code -ne 0 ]]; then
        cat "$log" >&2
        fail "Blender ended with exit code $code, and $wanted was expected: $*"
    fi
}

says() {
    grep -q -- "$2" "$1" || { cat "$1" >&2; fail "Blender does not say: $2"; }
}

checked=()
for view in Standard Filmic AgX; do
    name=${view,,}
    code=0
    run -P make_scene.py -- "$view" "$work/$name.blend" >"$name.scene.log" 2>&1 || code=$?
    if ((code == 3)); then
        echo "$view: not in this Blender"
        continue
    fi
    ((code == 0)) || { cat "$name.scene.log" >&2; fail "the scene for $view could not be made"; }
    rm -rf "renders/$name" inputs/videos/check_"$name"_*

    expect success "$name.log" "$name.blend" -P remember.py -P "$script" -P remember.py -- \
        --output "renders/$name" --cosmos "$cosmos" -- --no-ai --name "check_$name"
    says "$name.log" 'all settings are as before'
    shots=(inputs/videos/check_"$name"_*)
    expect success "$name.check.log" -P check.py -- "${shots[0]}" "$name"
    echo "$view: color, depth and segmentation are right, the scene's settings are as before"
    checked+=("$name")
done
((${#checked[@]})) || fail 'this Blender has no view that cosmos has'

# What must fail: plainly, and with an exit code that a script sees.
scene=${checked[0]}
rm -rf renders/{absent,refused,option,noisy}
expect failure again.log "$scene.blend" -P "$script" -- --output "renders/$scene" --cosmos "$cosmos"
says again.log 'holds frames of an earlier render'
expect failure absent.log "$scene.blend" -P "$script" -- --output renders/absent --cosmos "$work/absent"
says absent.log 'is no program that can be run'
expect failure refused.log "$scene.blend" -P "$script" -- --output renders/refused --frames 2 --cosmos "$cosmos" -- --no-such-option
says refused.log 'cosmos ended with exit code 2'
expect failure option.log "$scene.blend" -P "$script" -- --outptu renders/option
says option.log 'error: '

# A scene that denoises: without a denoiser in this Blender that is said before rendering, and can be turned off.
cat >denoise.py <<'PYTHON'
import bpy

bpy.context.scene.cycles.use_denoising = True
PYTHON
has_denoiser='import sys, _cycles; sys.exit(not getattr(_cycles, "with_openimagedenoise", True))'
printf '%s\n' "$has_denoiser" >has_denoiser.py
if ! run "$scene.blend" -P has_denoiser.py >has_denoiser.log 2>&1; then
    expect failure denoise.log "$scene.blend" -P denoise.py -P "$script" -- --output renders/noisy --no-prepare
    says denoise.log 'built without OpenImageDenoise'
    [[ ! -e renders/noisy ]] || fail 'a scene that cannot be denoised was rendered'
fi
rm -rf renders/noisy
expect success noisy.log "$scene.blend" -P denoise.py -P "$script" -- --output renders/noisy --frames 1 --no-denoising --no-prepare

# Frames again and a part of them, and nothing else than frames.
expect success part.log "$scene.blend" -P "$script" -- --output "renders/$scene" --frames 2-3 --overwrite --no-prepare
[[ $(ls "renders/$scene") == $'beauty.0002.exr\nbeauty.0003.exr' ]] || fail "renders/$scene holds other frames than 2 and 3"
[[ ! -e renders/absent ]] || fail 'a render that could not begin left a folder'
echo 'errors are plain, and parts of a shot are rendered again'
