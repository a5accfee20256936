"""Render a small picture with edges of every kind, as raw RGB bytes.

    blender -b --factory-startup -P make/render.py -- 80 45 tests/fixtures/rendered-80x45.rgb
"""

import math
import sys
import tempfile
from pathlib import Path

import bpy
import numpy as np

width, height, target = sys.argv[sys.argv.index("--") + 1 :]
width, height = int(width), int(height)

scene = bpy.context.scene
bpy.ops.object.delete({"selected_objects": [o for o in scene.objects if o.type == "MESH"]})


def material(color, roughness, checker=None):
    made = bpy.data.materials.new("material")
    made.use_nodes = True
    shader = made.node_tree.nodes["Principled BSDF"]
    shader.inputs["Base Color"].default_value = (*color, 1)
    shader.inputs["Roughness"].default_value = roughness
    if checker:
        pattern = made.node_tree.nodes.new("ShaderNodeTexChecker")
        pattern.inputs["Color1"].default_value = (*color, 1)
        pattern.inputs["Color2"].default_value = (0.02, 0.02, 0.03, 1)
        pattern.inputs["Scale"].default_value = checker
        made.node_tree.links.new(pattern.outputs["Color"], shader.inputs["Base Color"])
    return made


bpy.ops.mesh.primitive_plane_add(size=30)
bpy.context.object.data.materials.append(material((0.6, 0.55, 0.5), 0.7, checker=24))
for index in range(9):
    angle = index * 0.7
    place = (1.9 * math.cos(angle), 2.6 * math.sin(angle), 0.6)
    if index % 2:
        bpy.ops.mesh.primitive_cube_add(size=1.0, location=place, rotation=(0.3 * index, 0.2, angle))
    else:
        bpy.ops.mesh.primitive_uv_sphere_add(radius=0.6, location=place)
    hue = [(0.8, 0.1, 0.05), (0.1, 0.5, 0.1), (0.05, 0.15, 0.8), (0.9, 0.7, 0.1)][index % 4]
    bpy.context.object.data.materials.append(material(hue, 0.1 + 0.08 * index))

scene.render.engine = "CYCLES"
scene.cycles.samples = 12
scene.cycles.seed = 1
scene.cycles.use_denoising = False
scene.render.resolution_x, scene.render.resolution_y = width, height
scene.render.resolution_percentage = 100
scene.render.image_settings.file_format = "PNG"
scene.render.image_settings.color_mode = "RGB"
with tempfile.TemporaryDirectory() as folder:
    path = str(Path(folder) / "picture.png")
    scene.render.filepath = path
    bpy.ops.render.render(write_still=True)
    picture = bpy.data.images.load(path)
    picture.colorspace_settings.name = "Non-Color"
    values = np.empty(width * height * 4, np.float32)
    picture.pixels.foreach_get(values)
pixels = values.reshape(height, width, 4)[::-1, :, :3]
np.rint(pixels * 255).astype(np.uint8).tofile(target)
