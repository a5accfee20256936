"""What a scene is made of: materials, shapes, lights, cameras, and a render that is denoised where Open Image Denoise is at hand."""

import math
import os
import random
import subprocess
import tempfile

import bmesh
import bpy
import numpy as np
from mathutils import Vector

SCENE = None
PARENT = []


def fresh(width=480, height=270, samples=10):
    global SCENE
    bpy.ops.wm.read_factory_settings(use_empty=True)
    PARENT.clear()
    s = SCENE = bpy.context.scene
    s.render.engine = "CYCLES"
    s.render.resolution_x, s.render.resolution_y = width, height
    s.cycles.samples, s.cycles.use_adaptive_sampling, s.cycles.adaptive_threshold = samples, True, .03
    s.cycles.max_bounces, s.cycles.diffuse_bounces, s.cycles.glossy_bounces, s.cycles.transmission_bounces = 7, 2, 3, 7
    s.cycles.use_denoising = False
    s.cycles.caustics_reflective = s.cycles.caustics_refractive = False
    s.cycles.sample_clamp_indirect, s.cycles.seed = 4, 7
    s.render.threads_mode, s.render.threads = "FIXED", 1
    s.view_settings.view_transform = "Filmic"
    s.view_settings.look = "Medium High Contrast"
    s.world = bpy.data.worlds.new("world")
    s.world.use_nodes = True


# Materials.

def rgb(h, k=1.0):
    """Hexadecimal sRGB to the linear color that Blender wants."""
    v = [int(h[i:i + 2], 16) / 255 for i in (0, 2, 4)]
    return (*(k * (c / 12.92 if c <= .04045 else ((c + .055) / 1.055) ** 2.4) for c in v), 1)


def mat(color="cccccc", rough=.5, metal=0., glass=0., glow=0., coat=0., soft=0., second=None, kind="noise", scale=4., bump=0., ior=1.45,
        fine=None, stretch=(1, 1, 1), edge=(.4, .6)):
    """A principled material. `second` is a second color, mixed in by a texture of `kind`; `bump` raises the same texture."""
    m = bpy.data.materials.new("m")
    m.use_nodes = True
    n, link = m.node_tree.nodes, m.node_tree.links.new
    p = n["Principled BSDF"]
    p.inputs["Base Color"].default_value = rgb(color)
    p.inputs["Roughness"].default_value, p.inputs["Metallic"].default_value = rough, metal
    p.inputs["Transmission"].default_value, p.inputs["Clearcoat"].default_value = glass, coat
    p.inputs["IOR"].default_value = ior
    if soft:
        p.inputs["Subsurface"].default_value = soft
        p.inputs["Subsurface Color"].default_value = rgb(color)
        p.inputs["Subsurface Radius"].default_value = (.3, .15, .1)
    if glow:
        p.inputs["Emission"].default_value, p.inputs["Emission Strength"].default_value = rgb(color), glow
    if second or bump:
        co, mp = n.new("ShaderNodeTexCoord"), n.new("ShaderNodeMapping")
        mp.inputs["Scale"].default_value = stretch
        link(co.outputs["Object"], mp.inputs[0])
        t = n.new({"noise": "ShaderNodeTexNoise", "brick": "ShaderNodeTexBrick", "checker": "ShaderNodeTexChecker", "wave": "ShaderNodeTexWave",
                   "cells": "ShaderNodeTexVoronoi"}[kind])
        link(mp.outputs[0], t.inputs["Vector"])
        t.inputs["Scale"].default_value = scale
        if kind == "noise":
            t.inputs["Detail"].default_value = 8
        if kind == "wave":
            t.inputs["Distortion"].default_value, t.inputs["Detail"].default_value = 6, 4
        if kind == "brick":
            t.inputs["Color1"].default_value, t.inputs["Color2"].default_value = rgb(color), rgb(color, .6)
            t.inputs["Mortar"].default_value = rgb(second)
            link(t.outputs["Color"], p.inputs["Base Color"])
        elif second:
            r = n.new("ShaderNodeValToRGB")
            r.color_ramp.elements[0].color, r.color_ramp.elements[1].color = rgb(color), rgb(second)
            if kind in ("noise", "cells"):
                r.color_ramp.elements[0].position, r.color_ramp.elements[1].position = edge
            link(t.outputs[0 if kind == "cells" else "Fac"], r.inputs[0])
            link(r.outputs[0], p.inputs["Base Color"])
        if bump:
            b = n.new("ShaderNodeBump")
            b.inputs["Strength"].default_value = bump
            b.inputs["Distance"].default_value = .05
            if fine:
                t = n.new("ShaderNodeTexNoise")
                t.inputs["Scale"].default_value, t.inputs["Detail"].default_value = fine, 6
                link(co.outputs["Object"], t.inputs["Vector"])
            link(t.outputs["Distance" if kind == "cells" and not fine else "Fac"], b.inputs["Height"])
            link(b.outputs[0], p.inputs["Normal"])
    return m


def wood(a="8a5a32", b="5d3a1c", scale=3., rough=.45, coat=0.):
    return mat(a, rough, second=b, kind="wave", scale=scale, bump=.1, stretch=(.25, 1, 1), coat=coat)


def metal(color="b8bcc2", rough=.25):
    return mat(color, rough, 1.)


def clear(color="ffffff", rough=0., ior=1.45):
    return mat(color, rough, glass=1., ior=ior)


# Shapes.

class group:
    """Everything made inside stands at one place, turned and scaled together."""

    def __init__(self, at=(0, 0, 0), turn=0., scale=1., tilt=(0, 0)):
        self.e = bpy.data.objects.new("group", None)
        SCENE.collection.objects.link(self.e)
        self.e.parent = PARENT[-1] if PARENT else None
        self.e.location, self.e.rotation_euler = at, (math.radians(tilt[0]), math.radians(tilt[1]), math.radians(turn))
        self.e.scale = (scale,) * 3 if isinstance(scale, (int, float)) else scale

    def __enter__(self):
        PARENT.append(self.e)
        return self.e

    def __exit__(self, *_):
        PARENT.pop()


def put(data, m, at=(0, 0, 0), rot=(0, 0, 0), bevel=0., sub=0, smooth=True, seg=2):
    o = bpy.data.objects.new("o", data)
    SCENE.collection.objects.link(o)
    o.location, o.rotation_euler = at, [math.radians(a) for a in rot]
    o.parent = PARENT[-1] if PARENT else None
    if m:
        data.materials.append(m)
    if isinstance(data, bpy.types.Mesh) and smooth:
        data.polygons.foreach_set("use_smooth", [True] * len(data.polygons))
        data.use_auto_smooth, data.auto_smooth_angle = True, math.radians(180 if sub else 35)
    if bevel:
        b = o.modifiers.new("bevel", "BEVEL")
        b.width, b.segments, b.limit_method = bevel, seg, "ANGLE"
    if sub:
        u = o.modifiers.new("sub", "SUBSURF")
        u.levels = u.render_levels = sub
    return o


def from_bmesh(b):
    me = bpy.data.meshes.new("m")
    b.to_mesh(me)
    b.free()
    return me


def mesh(verts, faces, m, edges=(), **k):
    me = bpy.data.meshes.new("m")
    me.from_pydata([tuple(v) for v in verts], list(edges), [tuple(f) for f in faces])
    me.update()
    return put(me, m, **k)


def box(at, size, m, bevel=.02, rot=(0, 0, 0), **k):
    b = bmesh.new()
    bmesh.ops.create_cube(b, size=1)
    bmesh.ops.scale(b, vec=size, verts=b.verts)
    return put(from_bmesh(b), m, at, rot, bevel=min(bevel, .45 * min(size)), **k)


def cyl(at, r, h, m, rot=(0, 0, 0), top=None, n=40, bevel=0., **k):
    b = bmesh.new()
    bmesh.ops.create_cone(b, cap_ends=True, segments=n, radius1=r, radius2=r if top is None else top, depth=h)
    return put(from_bmesh(b), m, at, rot, bevel=bevel, **k)


def rod(a, b, r, m, top=None, n=20, **k):
    """A cylinder from a to b."""
    a, b = Vector(a), Vector(b)
    o = cyl((a + b) / 2, r, (b - a).length, m, top=top, n=n, **k)
    o.rotation_mode = "QUATERNION"
    o.rotation_quaternion = Vector((0, 0, 1)).rotation_difference(b - a)
    return o


def ball(at, r, m, scale=(1, 1, 1), rot=(0, 0, 0), n=32, **k):
    b = bmesh.new()
    bmesh.ops.create_uvsphere(b, u_segments=n, v_segments=n // 2, radius=r)
    o = put(from_bmesh(b), m, at, rot, **k)
    o.data.auto_smooth_angle = math.pi
    o.scale = scale
    return o


def ring(at, major, minor, m, rot=(0, 0, 0), n=64, k=24, turn=360.):
    """A torus, or a part of one."""
    steps = n if turn == 360 else n + 1
    v = [((major + minor * math.cos(b)) * math.cos(a), (major + minor * math.cos(b)) * math.sin(a), minor * math.sin(b))
         for a in (math.radians(turn) * i / n for i in range(steps)) for b in (2 * math.pi * j / k for j in range(k))]
    f = [(i * k + j, (i + 1) % steps * k + j, (i + 1) % steps * k + (j + 1) % k, i * k + (j + 1) % k) for i in range(n) for j in range(k)]
    return mesh(v, f, m, at=at, rot=rot)


def lathe(profile, m, at=(0, 0, 0), n=48, sub=2, rot=(0, 0, 0), **k):
    """Turns a profile of (radius, height) around the z axis."""
    v = [(r * math.cos(2 * math.pi * i / n), r * math.sin(2 * math.pi * i / n), z) for i in range(n) for r, z in profile]
    p = len(profile)
    f = [(i * p + j, (i + 1) % n * p + j, (i + 1) % n * p + j + 1, i * p + j + 1) for i in range(n) for j in range(p - 1)]
    b = bmesh.new()
    vs = [b.verts.new(x) for x in v]
    for q in f:
        b.faces.new([vs[i] for i in q])
    bmesh.ops.remove_doubles(b, verts=b.verts, dist=1e-5)
    bmesh.ops.recalc_face_normals(b, faces=b.faces)
    return put(from_bmesh(b), m, at, rot, sub=sub, **k)


def tube(points, r, m, closed=False, smooth=True, radii=None, at=(0, 0, 0), rot=(0, 0, 0)):
    c = bpy.data.curves.new("c", "CURVE")
    c.dimensions, c.bevel_depth, c.bevel_resolution, c.use_fill_caps, c.resolution_u = "3D", r, 5, True, 8
    s = c.splines.new("NURBS" if smooth else "POLY")
    s.points.add(len(points) - 1)
    for i, p in enumerate(points):
        s.points[i].co = (*p, 1)
        s.points[i].radius = radii[i] if radii else 1
    s.use_cyclic_u, s.use_endpoint_u = closed, True
    if smooth:
        s.order_u = min(4, len(points))
    return put(c, m, at, rot)


def extrude(outline, depth, m, at=(0, 0, 0), rot=(0, 0, 0), bevel=0., **k):
    """An outline in x and z, made `depth` thick along y."""
    n = len(outline)
    v = [(x, -depth / 2, z) for x, z in outline] + [(x, depth / 2, z) for x, z in outline]
    f = [tuple(range(n)), tuple(range(2 * n - 1, n - 1, -1)), *((i, i + n, (i + 1) % n + n, (i + 1) % n) for i in range(n))]
    return mesh(v, f, m, at=at, rot=rot, bevel=bevel, **k)


def text(words, size, m, at, rot=(90, 0, 0), depth=.01):
    c = bpy.data.curves.new("t", "FONT")
    c.body, c.size, c.extrude, c.align_x, c.align_y = words, size, depth, "CENTER", "CENTER"
    return put(c, m, at, rot)


def plane(size, m, at=(0, 0, 0), rot=(0, 0, 0)):
    s = size / 2
    return mesh([(-s, -s, 0), (s, -s, 0), (s, s, 0), (-s, s, 0)], [(0, 1, 2, 3)], m, at=at, rot=rot)


def field(size, n, height, m, at=(0, 0, 0)):
    """A ground whose height is a function of x and y."""
    v = [(x, y, height(x, y)) for y in np.linspace(-size / 2, size / 2, n) for x in np.linspace(-size / 2, size / 2, n)]
    f = [(j * n + i, j * n + i + 1, (j + 1) * n + i + 1, (j + 1) * n + i) for j in range(n - 1) for i in range(n - 1)]
    o = mesh(v, f, m, at=at)
    o.data.auto_smooth_angle = math.pi
    return o


def body(joints, bones, m, sub=2):
    """An organic shape: Blender's skin over bones. `joints` are name: (x, y, z, radius)."""
    names = list(joints)
    me = bpy.data.meshes.new("m")
    me.from_pydata([joints[n][:3] for n in names], [(names.index(a), names.index(b)) for a, b in bones], [])
    o = put(me, m, smooth=False)
    o.modifiers.new("skin", "SKIN").use_smooth_shade = True
    for i, n in enumerate(names):
        r = joints[n][3]
        me.skin_vertices[0].data[i].radius = (r, r) if isinstance(r, float) else r
    me.skin_vertices[0].data[0].use_root = True
    o.modifiers.new("sub", "SUBSURF").render_levels = sub
    return o


def rough_up(o, strength, size, kind="CLOUDS"):
    t = bpy.data.textures.new("t", kind)
    t.noise_scale = size
    d = o.modifiers.new("displace", "DISPLACE")
    d.texture, d.strength, d.texture_coords = t, strength, "GLOBAL"
    return o


def rock(at, r, m, scale=(1, 1, .7), seed=0):
    b = bmesh.new()
    bmesh.ops.create_icosphere(b, subdivisions=4, radius=r)
    rng = random.Random(seed)
    # Flat cuts make a stone of a ball.
    for _ in range(9):
        d = Vector((rng.uniform(-1, 1), rng.uniform(-1, 1), rng.uniform(-1, 1))).normalized()
        cut = r * rng.uniform(.6, .85)
        for v in b.verts:
            over = v.co.dot(d) - cut
            if over > 0:
                v.co -= d * over * .9
    o = put(from_bmesh(b), m, at, (0, 0, rng.uniform(0, 360)))
    o.scale = scale
    return rough_up(o, r * .15, r * .5)


def leaves(centers, count, spread, size, m, seed=1, flat=.8):
    """Many small leaves around the given places, as one mesh."""
    rng, v, f = random.Random(seed), [], []
    for c in centers:
        for _ in range(count):
            p = Vector(c) + Vector((rng.gauss(0, spread), rng.gauss(0, spread), rng.gauss(0, spread * flat)))
            a = Vector((rng.gauss(0, 1), rng.gauss(0, 1), rng.gauss(0, .6))).normalized() * size * rng.uniform(.6, 1.2)
            b = a.cross(Vector((rng.gauss(0, 1), rng.gauss(0, 1), rng.gauss(0, 1)))).normalized() * size * .45
            i = len(v)
            v += [p - a, p + b, p + a, p - b]
            f.append((i, i + 1, i + 2, i + 3))
    return mesh(v, f, m)


def branches(base, direction, length, r, depth, rng, out, tips, split=3, spread=.55):
    """Grows a tree: `out` gets the limbs as (points, radii), `tips` the places for leaves."""
    p, d, points, radii = Vector(base), Vector(direction).normalized(), [], []
    for i in range(5):
        points.append(tuple(p))
        radii.append(r * (1 - .12 * i))
        d = (d + Vector((rng.gauss(0, .12), rng.gauss(0, .12), rng.gauss(.03, .06)))).normalized()
        p = p + d * length / 4
    out.append((points, radii))
    if depth == 0:
        tips += points[2:]
        return
    for _ in range(split):
        s = (d + Vector((rng.gauss(0, spread), rng.gauss(0, spread), rng.gauss(.05, .3)))).normalized()
        branches(points[rng.choice((3, 4, 4))], s, length * rng.uniform(.6, .8), radii[-1] * .7, depth - 1, rng, out, tips, split, spread)


def tree(at, height, bark, leaf, seed=1, size=.09, count=26, depth=3):
    rng, out, tips = random.Random(seed), [], []
    branches((0, 0, 0), (0, 0, 1), height * .38, height * .035, depth, rng, out, tips)
    with group(at):
        for points, radii in out:
            tube(points, 1, bark, radii=radii)
        if leaf:
            leaves(tips, count, height * .045, size * height / 5, leaf, seed)


def fir(at, height, bark, needle, seed=1, layers=16, snow=None):
    rng, v, f = random.Random(seed), [], []
    for k in range(layers):
        z = height * (.14 + .84 * k / layers)
        reach = height * .24 * (1 - k / layers) + .04 * height
        for i in range(26):
            a = 2 * math.pi * (i + rng.random()) / 26
            l, w = reach * rng.uniform(.8, 1.15), reach * .22
            o, s = Vector((math.cos(a), math.sin(a), 0)), Vector((-math.sin(a), math.cos(a), 0))
            tip = o * l + Vector((0, 0, z - l * rng.uniform(.25, .5)))
            mid = o * l * .6 + Vector((0, 0, z - l * .08))
            j = len(v)
            v += [Vector((0, 0, z + height * .05)), mid - s * w, tip, mid + s * w]
            f += [(j, j + 1, j + 2), (j, j + 2, j + 3)]
    with group(at, rng.uniform(0, 360)):
        cyl((0, 0, height * .1), height * .02, height * .25, bark)
        mesh(v, f, needle, smooth=False)


def grass(m, count, area, height, at=(0, 0, 0), seed=3, ground=None, hole=0.):
    rng, v, f = random.Random(seed), [], []
    for _ in range(count):
        x, y = rng.uniform(-area, area), rng.uniform(-area, area)
        if math.hypot(x, y) < hole:
            continue
        z = ground(x, y) if ground else 0
        a, h, w = rng.uniform(0, 6.3), height * rng.uniform(.5, 1.2), height * .06
        dx, dy = math.cos(a) * w, math.sin(a) * w
        lx, ly = rng.gauss(0, .25) * h, rng.gauss(0, .25) * h
        j = len(v)
        v += [(x - dx, y - dy, z), (x + dx, y + dy, z), (x + lx, y + ly, z + h)]
        f.append((j, j + 1, j + 2))
    return mesh(v, f, m, at=at, smooth=False)


# Light.

def background(color, strength=1., top=None):
    """A plain sky, or one that goes from `color` at the horizon to `top`."""
    n, link = SCENE.world.node_tree.nodes, SCENE.world.node_tree.links.new
    b = n["Background"]
    b.inputs[0].default_value, b.inputs[1].default_value = rgb(color), strength
    if top:
        co, sep, r = n.new("ShaderNodeTexCoord"), n.new("ShaderNodeSeparateXYZ"), n.new("ShaderNodeValToRGB")
        r.color_ramp.elements[0].color, r.color_ramp.elements[1].color = rgb(color), rgb(top)
        r.color_ramp.elements[1].position = .45
        link(co.outputs["Generated"], sep.inputs[0])
        link(sep.outputs[2], r.inputs[0])
        link(r.outputs[0], b.inputs[0])


def sky(elevation=40., turn=40., strength=.12, sun=.4, dust=1., clouds=0.):
    n, link = SCENE.world.node_tree.nodes, SCENE.world.node_tree.links.new
    t = n.new("ShaderNodeTexSky")
    t.sky_type, t.sun_elevation, t.sun_rotation = "NISHITA", math.radians(elevation), math.radians(turn)
    t.sun_intensity, t.dust_density, t.sun_size = sun, dust, math.radians(1.2)
    b = n["Background"]
    b.inputs[1].default_value = strength
    link(t.outputs[0], b.inputs[0])
    if clouds:
        co, mp, noise = n.new("ShaderNodeTexCoord"), n.new("ShaderNodeMapping"), n.new("ShaderNodeTexNoise")
        ramp, mix = n.new("ShaderNodeValToRGB"), n.new("ShaderNodeMixRGB")
        mp.inputs["Scale"].default_value = (1, 1, 3.5)
        noise.inputs["Scale"].default_value, noise.inputs["Detail"].default_value = 2.2, 9
        ramp.color_ramp.elements[0].position, ramp.color_ramp.elements[1].position = .5, .72
        mix.inputs[2].default_value = rgb("ffffff", 7 if elevation > 10 else 1.5)
        scale = n.new("ShaderNodeMath")
        scale.operation = "MULTIPLY"
        scale.inputs[1].default_value = clouds
        link(co.outputs["Generated"], mp.inputs[0])
        link(mp.outputs[0], noise.inputs["Vector"])
        link(noise.outputs["Fac"], ramp.inputs[0])
        link(ramp.outputs[0], scale.inputs[0])
        link(scale.outputs[0], mix.inputs[0])
        link(t.outputs[0], mix.inputs[1])
        link(mix.outputs[0], b.inputs[0])


def sun(strength, elevation, turn, color="ffffff", angle=1.):
    l = bpy.data.lights.new("sun", "SUN")
    l.energy, l.color, l.angle = strength, rgb(color)[:3], math.radians(angle)
    o = put(l, None)
    o.rotation_euler = (math.radians(90 - elevation), 0, math.radians(turn))
    return o


def area(at, look, size, power, color="ffffff"):
    l = bpy.data.lights.new("area", "AREA")
    l.size, l.energy, l.color = size, power, rgb(color)[:3]
    o = put(l, None, at)
    o.rotation_euler = (Vector(look) - Vector(at)).to_track_quat("-Z", "Y").to_euler()
    return o


def bulb(at, power, color="ffd8a0", r=.1):
    l = bpy.data.lights.new("bulb", "POINT")
    l.energy, l.color, l.shadow_soft_size = power, rgb(color)[:3], r
    return put(l, None, at)


def outdoors(light, turn=40.):
    """The four kinds of light that an outdoor scene is usually seen in. `turn` is where the sun stands."""
    if light == "day":
        sky(42, turn, .1, .35, clouds=.7)
    elif light == "sunset":
        sky(2.5, turn, .35, .5, 3., clouds=.35)
    elif light == "overcast":
        background("c9ced4", .9, "8f99a5")
        sun(.6, 60, turn, angle=60)
    elif light == "night":
        background("16203c", .35, "03050f")
        sun(.12, 40, turn, "9db4ff", 2)


def studio(color="d8d8d8", size=1., warm=False, power=1., wall=True):
    """A sweep that bends up behind the subject, and three soft lights. `size` is how big the subject is."""
    m, s = mat(color, .6), size
    v, f = [], []
    profile = [(-12, 0), (2.2, 0)] + [(2.2 + 1.2 * math.sin(a), 1.2 - 1.2 * math.cos(a)) for a in np.linspace(0, math.pi / 2, 12)] + [(3.4, 12)]
    if not wall:
        profile = [(-40, 0), (40, 0)]
    for y, z in profile:
        v += [(-14 * s, y * s, z * s), (14 * s, y * s, z * s)]
    f = [(2 * i, 2 * i + 1, 2 * i + 3, 2 * i + 2) for i in range(len(profile) - 1)]
    mesh(v, f, m)
    background(color, .25)
    area((-2.2 * s, -2 * s, 2.8 * s), (0, 0, .4 * s), 1.6 * s, 95 * s * s * power, "ffe2c0" if warm else "ffffff")
    area((2.8 * s, -1 * s, 1.6 * s), (0, 0, .4 * s), 1.2 * s, 32 * s * s * power, "cfe0ff")
    area((.6 * s, 1.9 * s, 2.4 * s), (0, 0, .4 * s), 1.0 * s, 45 * s * s * power)


def camera(at, look, lens=50., blur=None, focus=None):
    c = bpy.data.cameras.new("c")
    c.lens, c.clip_end = lens, 5000
    o = put(c, None, at)
    o.parent = None
    o.rotation_euler = (Vector(look) - Vector(at)).to_track_quat("-Z", "Y").to_euler()
    if blur:
        c.dof.use_dof, c.dof.aperture_fstop = True, blur
        c.dof.focus_distance = (Vector(focus or look) - Vector(at)).length
    SCENE.camera = o


# The picture.

def denoise(color, albedo, normal):
    with tempfile.TemporaryDirectory() as place:
        given, made = os.path.join(place, "in.npz"), os.path.join(place, "out.npy")
        np.savez(given, color=color, albedo=albedo, normal=normal)
        subprocess.run(["/usr/bin/python3", os.path.join(os.path.dirname(os.path.abspath(__file__)), "denoise.py"), given, made], check=True)
        return np.load(made)


def render(png):
    s = SCENE
    s.render.image_settings.file_format = "PNG"
    if "OIDN" not in os.environ:
        s.render.filepath = png
        bpy.ops.render.render(write_still=True)
        return
    # A Blender built without the denoiser may not store its passes, so the albedo is put together from the plain ones.
    passes = {"color": "Image", "diffuse": "DiffCol", "glossy": "GlossCol", "through": "TransCol", "normal": "Normal"}
    layer = s.view_layers[0]
    layer.use_pass_diffuse_color = layer.use_pass_glossy_color = layer.use_pass_transmission_color = layer.use_pass_normal = True
    s.use_nodes = True
    t = s.node_tree
    t.nodes.clear()
    layers, files = t.nodes.new("CompositorNodeRLayers"), t.nodes.new("CompositorNodeOutputFile")
    with tempfile.TemporaryDirectory() as place:
        files.base_path = place
        files.format.file_format, files.format.color_depth, files.format.color_mode = "OPEN_EXR", "32", "RGB"
        files.file_slots.clear()
        for name, socket in passes.items():
            files.file_slots.new(name)
            t.links.new(layers.outputs[socket], files.inputs[name])
        bpy.ops.render.render()
        got = {}
        for name in passes:
            i = bpy.data.images.load(os.path.join(place, f"{name}{s.frame_current:04d}.exr"))
            i.colorspace_settings.name = "Linear"
            w, h = i.size
            a = np.empty(w * h * 4, np.float32)
            i.pixels.foreach_get(a)
            got[name] = np.ascontiguousarray(a.reshape(h, w, 4)[:, :, :3])
    out = bpy.data.images.new("out", w, h, float_buffer=True)
    out.colorspace_settings.name = "Linear"
    a = np.ones((h, w, 4), np.float32)
    a[:, :, :3] = denoise(got["color"], np.clip(got["diffuse"] + got["glossy"] + got["through"], 0, 1), got["normal"])
    out.pixels.foreach_set(a.ravel())
    s.use_nodes = False
    out.save_render(png, scene=s)
