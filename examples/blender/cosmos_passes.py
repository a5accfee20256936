"""Renders the open scene with the passes that `cosmos` needs, and makes its control videos.

    blender -b scene.blend -P cosmos_passes.py -- --output renders/shot010
    blender -b scene.blend -P cosmos_passes.py -- --output renders/shot010 --frames 1-48 -- --resolution 720p

What stands after a second `--` goes to `cosmos prepare-inference` as it is. `-- --help` lists all options.

The script turns on Combined, Z and Cryptomatte Object, renders one multilayer OpenEXR a frame (32-bit, ZIP), and runs
`cosmos` with the view, the exposure and the frame rate of the scene. Afterwards every setting is what it was before;
the .blend file is not saved. In the Text Editor of an open Blender it renders to `cosmos/NAME` beside the .blend file.

Written for Blender 3.4 to 5.
"""

import argparse
import contextlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import traceback

import bpy

# A name that cannot be taken for another pass, whatever the folder is called.
PREFIX = "beauty."

# View transforms of Blender, and what `cosmos` calls them.
VIEWS = {
    "standard": "standard",
    "filmic": "filmic",
    "agx": "agx",
    "raw": "raw",
    "aces 1.3": "aces",
}

# Looks that change nothing, in lower case and without the view's name before them.
PLAIN_LOOKS = {
    "filmic": {"none", "medium contrast"},
    "agx": {"none", "base contrast"},
}


class Stop(Exception):
    """Something is wrong that the artist can put right."""

    def __init__(self, message, hint=None):
        super().__init__(message)
        self.hint = hint


def say(kind, text):
    print(f"{kind + ':':<9}{text}", file=sys.stderr, flush=True)


class Arguments(argparse.ArgumentParser):
    """Errors of the command line are told like all others."""

    def error(self, message):
        raise Stop(message, "`-- --help` lists the options of this script")


def arguments():
    """The options of this script, and those for cosmos."""
    ours = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []
    theirs = []
    if "--" in ours:
        cut = ours.index("--")
        ours, theirs = ours[:cut], ours[cut + 1 :]

    parser = Arguments(
        prog="blender -b scene.blend -P cosmos_passes.py --",
        usage="%(prog)s --output FOLDER [options] [-- options of cosmos prepare-inference]",
        description="Render the open scene with the passes that cosmos needs, and make its control videos.",
        allow_abbrev=False,
    )
    parser.add_argument("--output", metavar="FOLDER", help="where the frames go [default: cosmos/NAME beside the .blend]")
    parser.add_argument("--frames", metavar="FIRST-LAST", help="frames to render [default: those of the scene]")
    parser.add_argument("--scene", metavar="NAME", help="scene to render [default: the one that is open]")
    parser.add_argument("--view-layer", metavar="NAME", help="render this view layer only")
    parser.add_argument("--overwrite", action="store_true", help="replace frames of an earlier render in the folder")
    parser.add_argument("--no-denoising", action="store_true", help="render without the denoiser of Cycles")
    parser.add_argument("--no-prepare", action="store_true", help="render only, and print the command for cosmos")
    parser.add_argument("--cosmos", metavar="PATH", help="the cosmos program [default: the one in PATH]")
    return parser.parse_args(ours), theirs


class Settings:
    """Changes settings, and puts them back in the order in which they were noted.

    That order matters: the file format decides which color depths and codecs Blender takes.
    """

    def __init__(self):
        self.before = []

    def note(self, owner, *names):
        for name in names:
            if hasattr(owner, name):
                self.before.append((owner, name, getattr(owner, name)))

    def set(self, owner, name, value):
        """Changes a setting if this Blender has it. Says whether it has."""
        if not hasattr(owner, name):
            return False
        self.note(owner, name)
        setattr(owner, name, value)
        return True

    def restore(self):
        for owner, name, value in self.before:
            try:
                setattr(owner, name, value)
            except (AttributeError, TypeError) as error:
                say("warning", f"the setting {name} could not be put back: {error}")
        self.before.clear()


@contextlib.contextmanager
def changed_settings():
    settings = Settings()
    try:
        yield settings
    finally:
        settings.restore()


def program(given):
    """The cosmos program. Asked before rendering, since a render may take a night."""
    if given:
        path = os.path.abspath(os.path.expanduser(given))
        if not os.path.isfile(path) or not os.access(path, os.X_OK):
            raise Stop(f"{given} is no program that can be run", "name the cosmos program with --cosmos")
        return path
    path = shutil.which("cosmos")
    if path is None:
        raise Stop(
            "no cosmos program is in PATH",
            "name it with --cosmos PATH, or render only with --no-prepare",
        )
    return path


def folder_of(given):
    if given:
        # Relative to where Blender was started, as on any command line; `//` is Blender's own for "beside the file".
        return os.path.abspath(bpy.path.abspath(os.path.expanduser(given)))
    if not bpy.data.filepath:
        raise Stop("the scene is not saved, so there is no place for the frames", "save it, or pass --output FOLDER")
    name = os.path.splitext(os.path.basename(bpy.data.filepath))[0]
    return os.path.join(os.path.dirname(bpy.data.filepath), "cosmos", name)


def frames_of(given, scene):
    if not given:
        return scene.frame_start, scene.frame_end
    range_ = re.fullmatch(r"(\d+)(?:-(\d+))?", given)
    if not range_:
        raise Stop(f"`{given}` is no range of frames", "write it as in --frames 1-48")
    return int(range_[1]), int(range_[2] or range_[1])


def files_in(folder):
    """Frames of this script in a folder, by their numbers."""
    found = {}
    if os.path.isdir(folder):
        for name in os.listdir(folder):
            number = re.fullmatch(re.escape(PREFIX) + r"(\d+)\.exr", name)
            if number:
                found[int(number[1])] = os.path.join(folder, name)
    return found


def clear(folder, overwrite):
    """Frames of an earlier render would become part of the shot."""
    earlier = files_in(folder)
    if earlier and not overwrite:
        raise Stop(
            f"{folder} holds frames of an earlier render, {min(earlier)} to {max(earlier)}",
            "pass --overwrite to replace them, or name another folder",
        )
    for path in earlier.values():
        os.remove(path)


def check_scene(scene, first, last):
    if scene.camera is None and not any(marker.camera for marker in scene.timeline_markers):
        raise Stop(f"the scene {scene.name} has no camera", "add one, and make it the active camera")
    if first < 0:
        raise Stop(f"the first frame is {first}, and frames below 0 have no number", "let the scene start at 0 or later")
    if last < first:
        raise Stop(f"the last frame, {last}, comes before the first, {first}")
    if scene.render.engine == "BLENDER_WORKBENCH":
        raise Stop("Workbench renders no passes", "render with Cycles or EEVEE")
    display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if "EEVEE" in scene.render.engine and bpy.app.background and sys.platform.startswith("linux") and not display:
        say("warning", "EEVEE may need a display, and there is none: if Blender ends here, use Cycles or xvfb-run")


def denoises(scene):
    return scene.render.engine == "CYCLES" and getattr(scene.cycles, "use_denoising", False)


def check_denoiser(scene):
    """A Blender that was built without OpenImageDenoise fails at the first frame."""
    # Without it the setting has no name at all; OptiX does without.
    if not denoises(scene) or getattr(scene.cycles, "denoiser", "") == "OPTIX":
        return
    try:
        import _cycles
    except ImportError:
        return
    if not getattr(_cycles, "with_openimagedenoise", True):
        raise denoiser_missing()


def denoiser_missing():
    return Stop(
        "the scene denoises, and this Blender was built without OpenImageDenoise",
        "pass --no-denoising, turn Denoise off in the scene, or render with a Blender from blender.org",
    )


def view_of(scene):
    """The scene's view as cosmos calls it. Says what cosmos cannot do."""
    settings = scene.view_settings
    name = settings.view_transform
    view = VIEWS.get(name.lower())
    if view is None:
        raise Stop(
            f"the scene's view transform is {name}, which cosmos does not have",
            f"it has {', '.join(sorted(VIEWS.values()))}: choose one in the scene, or pass one as in -- --view standard",
        )
    differs = []
    look = (settings.look or "None").lower().split(" - ")[-1]
    if look not in PLAIN_LOOKS.get(view, {"none"}):
        differs.append(f"the look {settings.look}")
    if abs(settings.gamma - 1) > 1e-6:
        differs.append(f"the gamma {settings.gamma:g}")
    if getattr(settings, "use_curve_mapping", False):
        differs.append("the curves")
    if getattr(settings, "use_white_balance", False):
        differs.append("the white balance")
    display = scene.display_settings.display_device
    if display != "sRGB":
        differs.append(f"the display device {display}")
    if differs:
        say("warning", f"color will differ from Blender's: cosmos leaves out {', '.join(differs)}")
    return view


def rate(render):
    """The frame rate as cosmos takes it: 24, 24000/1001, 12.5."""
    if abs(render.fps_base - 1.001) < 1e-4:
        return f"{render.fps * 1000}/1001"
    return f"{render.fps / render.fps_base:.3f}".rstrip("0").rstrip(".")


def cosmos_options(scene, theirs):
    """What the scene knows, unless the artist said otherwise."""
    given = {option.split("=", 1)[0] for option in theirs}
    options = []
    if "--view" not in given:
        options += ["--view", view_of(scene)]
    if "--exposure" not in given:
        options.append(f"--exposure={scene.view_settings.exposure:g}")
    if "--fps" not in given:
        options += ["--fps", rate(scene.render)]
    return options + theirs


def set_passes(settings, scene, only):
    layers = list(scene.view_layers)
    if only is not None:
        if only not in scene.view_layers:
            names = ", ".join(layer.name for layer in layers)
            raise Stop(f"the scene has no view layer {only}", f"it has: {names}")
        for layer in layers:
            settings.set(layer, "use", layer.name == only)
    used = [layer for layer in layers if layer.use]
    if not used:
        raise Stop("no view layer is used for rendering", "tick Use for Rendering in the properties of a view layer")
    if len(used) > 1:
        say("note", f"{len(used)} view layers are rendered, and the passes of one are taken; --view-layer NAME says which")
    for layer in used:
        settings.set(layer, "use_pass_combined", True)
        settings.set(layer, "use_pass_z", True)
        if not settings.set(layer, "use_pass_cryptomatte_object", True):
            say("warning", f"this Blender has no Cryptomatte, so {layer.name} has no segmentation")
        # EEVEE counts every sample only if told to; Cycles always does.
        settings.set(layer, "use_pass_cryptomatte_accurate", True)


def set_output(settings, scene, first, last, folder):
    render = scene.render
    image = render.image_settings
    settings.note(image, "media_type", "file_format", "color_management", "color_mode", "color_depth", "exr_codec")
    settings.note(image, "views_format")
    # Since Blender 5 the kind of file comes first, and offers the formats.
    if hasattr(image, "media_type"):
        image.media_type = "MULTI_LAYER_IMAGE"
    image.file_format = "OPEN_EXR_MULTILAYER"
    if hasattr(image, "color_management"):
        image.color_management = "FOLLOW_SCENE"
    image.color_depth = "32"
    image.exr_codec = "ZIP"

    # The start comes first: Blender moves the end along with it, never the other way round.
    settings.note(scene, "frame_start", "frame_end", "frame_current")
    scene.frame_start = first
    scene.frame_end = last
    settings.set(render, "filepath", os.path.join(folder, PREFIX + "####"))
    settings.set(render, "use_file_extension", True)
    # Frames that are there already would be left as they are, or be empty.
    settings.set(render, "use_overwrite", True)
    settings.set(render, "use_placeholder", False)
    # Strips of the video editor would come instead of the scene, and without passes.
    settings.set(render, "use_sequencer", False)
    if render.use_multiview:
        say("note", "stereo is off for this render: a shot is what one camera sees")
        settings.set(render, "use_multiview", False)


def render(scene, numbers, folder):
    try:
        result = bpy.ops.render.render(animation=True, scene=scene.name)
    except RuntimeError as error:
        message = str(error).strip()
        if "denois" in message.lower():
            raise denoiser_missing() from error
        raise Stop(f"Blender could not render: {message}") from error
    found = files_in(folder)
    missing = [number for number in numbers if number not in found or not os.path.getsize(found[number])]
    if missing:
        if denoises(scene):
            hint = "if Blender says above that it cannot denoise, pass --no-denoising"
        else:
            hint = "Blender says above why"
        if "CANCELLED" in result:
            hint = "the render was stopped; " + hint
        raise Stop(f"{len(missing)} of {len(numbers)} frames were not rendered, the first of them {missing[0]}", hint)


def main():
    options, theirs = arguments()
    scene = bpy.context.scene
    if options.scene:
        scene = bpy.data.scenes.get(options.scene)
        if scene is None:
            raise Stop(f"the file has no scene {options.scene}", "it has: " + ", ".join(bpy.data.scenes.keys()))
    first, last = frames_of(options.frames, scene)
    check_scene(scene, first, last)
    folder = folder_of(options.output)
    cosmos = (options.cosmos or "cosmos") if options.no_prepare else program(options.cosmos)
    command = [cosmos, "prepare-inference", folder, *cosmos_options(scene, theirs)]

    with changed_settings() as settings:
        if options.no_denoising and denoises(scene):
            settings.set(scene.cycles, "use_denoising", False)
        check_denoiser(scene)
        set_passes(settings, scene, options.view_layer)
        set_output(settings, scene, first, last, folder)
        clear(folder, options.overwrite)
        os.makedirs(folder, exist_ok=True)
        numbers = range(first, last + 1, scene.frame_step)
        render(scene, numbers, folder)

    print(f"frames:  {len(numbers)} in {folder}", flush=True)
    line = " ".join(map(shlex.quote, command))
    if options.no_prepare:
        print(f"next: {line}", flush=True)
        return
    print(f"$ {line}", flush=True)
    # Headless, results go where Blender was started; an open Blender was started anywhere.
    beside = None if bpy.app.background else os.path.dirname(bpy.data.filepath) or None
    try:
        code = subprocess.run(command, cwd=beside, check=False).returncode
    except OSError as error:
        raise Stop(f"{cosmos} could not be run: {error}", f"the frames are in {folder}") from error
    if code:
        raise Stop(f"cosmos ended with exit code {code}", f"it says above why; the frames are in {folder}")


def run():
    """Exit code of the script. Blender itself ends with 0 whatever a script does."""
    try:
        main()
    except Stop as stop:
        say("error", str(stop))
        if stop.hint:
            say("help", stop.hint)
        return 1
    except SystemExit as end:
        # `--help` has printed its text.
        return end.code or 0
    except OSError as error:
        say("error", str(error))
        return 1
    except Exception:
        traceback.print_exc()
        say("error", "this script failed, which it should not have; the lines above say where")
        return 1
    return 0


if __name__ == "__main__":
    exit_code = run()
    # An open Blender would close. Without an error, other scripts of the command line go on.
    if exit_code and bpy.app.background:
        sys.exit(exit_code)
