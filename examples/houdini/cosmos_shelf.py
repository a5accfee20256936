"""Shelf tool: makes the control videos of the frames that the selected ROP has rendered.

Written from Houdini's manual and not run here. README.md beside this file says how to install it.
"""

import os
import shutil
import subprocess

import hou

# Parameters that hold the output path: Mantra, Karma and the USD Render ROP, by the names of different releases.
OUTPUTS = ("vm_picture", "picture", "outputimage")
VIEWS = ("standard", "aces", "filmic", "agx", "raw")


class Stop(Exception):
    """Something that the artist can put right."""


def program():
    given = os.environ.get("COSMOS")
    found = shutil.which(given or "cosmos")
    if found is None:
        raise Stop("No cosmos program is found.\nSet COSMOS in houdini.env to its whole path.")
    return found


def render_folder():
    nodes = hou.selectedNodes()
    if len(nodes) != 1:
        raise Stop("Select one Karma or Mantra node.")
    node = nodes[0]
    for name in OUTPUTS:
        parameter = node.parm(name)
        if parameter is None:
            continue
        # A path with $F is the same folder at every frame, so any frame will do.
        path = parameter.evalAsString()
        if not path.lower().endswith(".exr"):
            raise Stop(f"{node.path()} does not write OpenEXR: {path}")
        folder = os.path.dirname(os.path.abspath(path))
        if not os.path.isdir(folder):
            raise Stop(f"There is no folder {folder}.\nRender the frames first.")
        return folder
    raise Stop(f"{node.path()} has no output picture.\nSelect the node that renders to disk.")


def chosen_view():
    button = hou.ui.displayMessage(
        "Through which view do you look at this shot?",
        buttons=VIEWS + ("Cancel",),
        default_choice=0,
        close_choice=len(VIEWS),
        title="cosmos",
    )
    return VIEWS[button] if button < len(VIEWS) else None


def main():
    cosmos = program()
    folder = render_folder()
    view = chosen_view()
    if view is None:
        return
    command = [cosmos, "prepare-inference", folder, "--view", view, "--fps", f"{hou.fps():g}"]
    # Results go beside the scene, as its renders mostly do.
    beside = hou.getenv("HIP")
    with hou.InterruptableOperation("cosmos prepare-inference", open_interrupt_dialog=True):
        done = subprocess.run(
            command,
            cwd=beside if beside and os.path.isdir(beside) else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    failed = done.returncode != 0
    hou.ui.displayMessage(
        f"cosmos ended with exit code {done.returncode}." if failed else "The videos are ready.",
        severity=hou.severityType.Error if failed else hou.severityType.Message,
        details=done.stdout,
        details_expanded=True,
        title="cosmos",
    )


try:
    main()
except (Stop, OSError) as problem:
    hou.ui.displayMessage(str(problem), severity=hou.severityType.Error, title="cosmos")
