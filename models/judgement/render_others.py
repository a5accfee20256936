"""Renders scenes and assets that other people made, from unpacked packages.

    python3 render_others.py OUT povray EXAMPLES            POV-Ray's own sample scenes (the folder that holds `advanced`)
    blender -b -t 1 -P render_others.py -- OUT assets NAME=FOLDER...

Models that end Blender leave a mark, so the second command is to be repeated until it comes to its end. NAME is a source in ASSETS and FOLDER the place that its package (for the .sh3f files of sweethome3d-furniture: the unzipped file) lies in.
Pictures go to OUT/others-calibrate and OUT/others-test, split by their source: see CALIBRATE. What is there already is skipped.
"""

import math
import os
import random
import shlex
import subprocess
import sys
import tempfile
import traceback
import xml.etree.ElementTree as xml

# Whole folders of samples, and whole packages, belong to one set, so that no style of one author is in both.
CALIBRATE = {"advanced/desk", "advanced/blocks", "advanced/glasschess", "advanced/teapot", "objects", "lights", "camera", "language", "incdemo"}
POV_FOLDERS = [
    "advanced", "advanced/desk", "advanced/blocks", "advanced/glasschess", "advanced/teapot", "interior", "interior/media", "objects", "objects/csg", "lights",
    "camera", "radiosity", "language", "animations/float1", "animations/splinefollow", "animations/reflection", "textures/normals", "textures/pigments/skies",
    "incdemo", "incdemo/glasses", "incdemo/metals", "templates/Basic_Scenes",
]
# Left out, as nobody would know what they show, or as they are all but the same as another.
LEFT_OUT = set("""
    fog_ft atten2 caustic2 rad_def_test_37 patio-radio_37 radiosity_36 raddem s_cloud3 s_cloud4 blob1a lathe1b lathe1c prism2 prism3b prism3c arealit2
    cylinder1 cylinder2 cylinder3 cylinder4 camera/normal omnimax orthographic panoramic shear spherical ultra_wide_angle brasses coppers silvers media4 media5 hollow1
    JapaneseLantern clock knife laikago_toes teddy_large minitaur CG57
    circletext func_gradient i_internal logo math screen shapes_old strings texture1 texture3 Checkered_plane DarkBlueSky_Axes Grass_small_clouds
    Orthographic_isometric Orthographic_scene Rainy_S_Cloud4 Sea_partly_cloudy_sky Squared_XY_righthand_z_up Squared_XZ_righthand_y_up Squared_plane_XY_2D
    Squared_plane_XZ_3D_dark Squared_plane_XZ_3D_far Squared_plane_XZ_3D_near White_sands_blue_sky pure_white_background
""".split())


def pov(out, examples):
    for folder in POV_FOLDERS:
        there = os.path.join(examples, folder)
        kind = "others-calibrate" if folder in CALIBRATE else "others-test"
        os.makedirs(os.path.join(out, kind), exist_ok=True)
        for name in sorted(os.listdir(there)):
            if not name.endswith(".pov") or LEFT_OUT & {name[:-4], folder + "/" + name[:-4]}:
                continue
            png = os.path.join(out, kind, "pov-" + folder.replace("/", "-") + "-" + name[:-4] + ".png")
            if os.path.exists(png) or os.path.exists(png + ".failed"):
                continue
            # POV-Ray leaves a part of a picture behind when it is stopped, so it draws to another place.
            with tempfile.TemporaryDirectory() as place:
                part = os.path.join(place, "part.png")
                command = ["povray", "+I" + name, "+O" + part, "+W360", "+H270", "+A0.3", "+WT1", "-D"]
                # Seconds of processor time, so that a busy machine drops no more scenes than an idle one.
                limit = ["prlimit", "--cpu=20", "nice", "-n", "2"]
                try:
                    done = subprocess.run(limit + command, cwd=there, capture_output=True, timeout=120).returncode == 0
                except subprocess.TimeoutExpired:
                    done = False
                if done and os.path.exists(part):
                    with open(part, "rb") as f, open(png, "wb") as g:
                        g.write(f.read())
                else:
                    open(png + ".failed", "w").close()


# What is taken of each source: its set, and the models, whose place in the list is the seed of their light and camera.
ASSETS = {
    "blendswap-cc0": ("others-calibrate", "forkLift umbrella cactus cartoon_biplane antiqueChair hotDog chicken teddyBear deer pianoAQueue peterbilt headphones "
                      "motorbike wheelbarrow barrel electricGuitar basketball horse2 led_tv cupcake sofa bed2 bench handbag tennisRacket bookcase toiletsUnit "
                      "lamp2 cuckooClock riggedFan plant crate deckChair desk shippingContainer JapaneseLantern washbasin orchids".split()),
    "katorlegaz": ("others-calibrate", "male-01-suit VW-new-beetle fire-hydrant red-wine-bottle-01 coffee-mug scooter office-chair concept-sedan-01v1 "
                   "female-01-casual-clothing apple-imac-1998 fridge bowl full-bookcase park-light glass-dining-table".split()),
    "torcs": ("others-calibrate", "baja-bug/baja-bug.acc 155-DTM/155-DTM.acc p406/p406.acc car1-trb1/car1-trb1.acc".split()),
    "scopia": ("others-test", "bicycle chevrolet yamaha-yzr-r6 dog palm candle van toaster tv marteau bed1 bonsai-tree basic_camera rabbit sneakers "
               "modern_armchair desk_lamp1 escalator fireplace2 japaneseMaple mower frenchFries punching-ball hospital-bed mannequinBrunette".split()),
    "blendswap-by": ("others-test", "bulldog siameseCat rowboat laptop wheelchair hamburger dafTruck backpack suitcase sunglasses tulips toyTrain clock "
                     "coffee_cup fordFocus bonecoDeNeve knife microwave horse fountain bath_jay_hardy bunkBed beer_bottle book bike piano".split()),
    "reallusion": ("others-test", "male01 female02 sitMale01 girlStanding boySitting".split()),
    "flightgear": ("others-test", [f"{n}.ac" for n in "Maritime/Civilian/CruiseShip Maritime/Civilian/SailBoatUnderSail Geometry/KC135/KC135 "
                   "Aircraft/dauphin Aircraft/F-15-lowpoly Transport/locomotive-A4 Transport/110Bus Power/coolingtower Maritime/Military/CG-57/CG57 "
                   "Airport/Pushback/Forklift Transport/Class_66".split()]),
    "pybullet": ("others-test", "duck.obj soccerball.obj kuka_iiwa/model.urdf r2d2.urdf husky/husky.urdf racecar/racecar.urdf franka_panda/panda.urdf "
                 "laikago/laikago_toes.urdf table/table.urdf bicycle/bike.urdf teddy_large.urdf quadruped/minitaur.urdf".split()),
}


def ac3d(path):
    """Reads an AC3D file, or the triangle strips of TORCS: Blender has no importer for either."""
    import bpy
    from mathutils import Matrix, Vector
    import kit
    folder, known, colors = os.path.dirname(path), {}, []
    lines = iter(open(path, errors="replace").read().splitlines())

    def material(i, texture):
        key = (i, texture)
        if key not in known:
            r, g, b, clear = colors[i] if i < len(colors) else (.8, .8, .8, 0)
            m = kit.mat(rough=.45)
            m.node_tree.nodes["Principled BSDF"].inputs["Base Color"].default_value = (r, g, b, 1)
            m.node_tree.nodes["Principled BSDF"].inputs["Alpha"].default_value = 1 - clear
            # Not every Blender reads SGI's .rgb, so a .png beside it goes first.
            where = os.path.join(folder, os.path.splitext(texture or "")[0] + ".png")
            where = where if os.path.exists(where) else os.path.join(folder, texture or "")
            if texture and os.path.exists(where):
                n, link = m.node_tree.nodes, m.node_tree.links.new
                t = n.new("ShaderNodeTexImage")
                t.image = bpy.data.images.load(where)
                link(t.outputs[0], n["Principled BSDF"].inputs["Base Color"])
                if t.image.channels == 4:
                    link(t.outputs[1], n["Principled BSDF"].inputs["Alpha"])
            known[key] = m
        return known[key]

    def thing(place):
        loc, texture, verts, faces, uvs, ids, rot = Vector(), None, [], [], [], [], Matrix.Identity(3)
        for line in lines:
            w = shlex.split(line) if '"' in line else line.split()
            if not w:
                continue
            if w[0] == "loc":
                loc = Vector(map(float, w[1:4]))
            elif w[0] == "rot":
                q = list(map(float, w[1:10]))
                rot = Matrix((q[0:3], q[3:6], q[6:9])).transposed()
            elif w[0] == "texture" and not texture and not w[1].startswith("empty"):
                texture = w[1]
            elif w[0] == "data":
                next(lines)
            elif w[0] == "numvert":
                verts = [tuple(map(float, next(lines).split()[:3])) for _ in range(int(w[1]))]
            elif w[0] == "numsurf":
                for _ in range(int(w[1])):
                    kind, m = int(next(lines).split()[1], 16) & 15, 0
                    line = next(lines).split()
                    while line[0] != "refs":
                        m = int(line[1]) if line[0] == "mat" else m
                        line = next(lines).split()
                    refs = [next(lines).split() for _ in range(int(line[1]))]
                    refs = [(int(r[0]), float(r[1]), float(r[2])) for r in refs]
                    polys = [refs] if kind == 0 else [refs[k:k + 3][::1 if k % 2 == 0 else -1] for k in range(len(refs) - 2)] if kind == 4 else []
                    for q in polys:
                        if len({r[0] for r in q}) == len(q) > 2:
                            faces.append([r[0] for r in q])
                            uvs += [(r[1], r[2]) for r in q]
                            ids.append(m)
            elif w[0] == "kids":
                here = place @ Matrix.LocRotScale(loc, rot, (1, 1, 1))
                if faces:
                    me = bpy.data.meshes.new("ac")
                    me.from_pydata([(a.x, -a.z, a.y) for a in (here @ Vector(v) for v in verts)], [], faces)
                    layer = me.uv_layers.new()
                    for k, uv in enumerate(uvs):
                        layer.data[k].uv = uv
                    o = kit.put(me, None)
                    used = sorted(set(ids))
                    for i in used:
                        me.materials.append(material(i, texture))
                    for f, i in zip(me.polygons, ids):
                        f.material_index = used.index(i)
                for _ in range(int(w[1])):
                    next(lines)
                    thing(here)
                return

    for line in lines:
        w = shlex.split(line) if '"' in line else line.split()
        if w and w[0] == "MATERIAL":
            k = w.index("rgb")
            colors.append((*map(float, w[k + 1:k + 4]), min(.9, float(w[w.index("trans") + 1]))))
        elif w and w[0] == "OBJECT":
            thing(Matrix.Identity(4))


def urdf(path, root):
    """Reads the visible shapes of a robot, all joints at rest but those of an arm, which is bent so as not to be a mere pole."""
    import bpy
    import kit
    from mathutils import Euler, Matrix, Vector
    tree = xml.parse(path).getroot()

    def origin(e):
        o = e.find("origin") if e is not None else None
        if o is None:
            return Matrix.Identity(4)
        a = [float(v) for v in (o.get("xyz") or "0 0 0").split()]
        r = [float(v) for v in (o.get("rpy") or "0 0 0").split()]
        return Matrix.Translation(a) @ Euler(r).to_matrix().to_4x4()

    named = {m.get("name"): [float(v) for v in m.find("color").get("rgba").split()] for m in tree.findall("material") if m.find("color") is not None}
    at, joints = {}, tree.findall("joint")
    children = {j.find("child").get("link") for j in joints}
    for l in tree.findall("link"):
        if l.get("name") not in children:
            at[l.get("name")] = Matrix.Identity(4)
    bend, k = [0, .6, 0, -1.3, 0, 1.1, 0], 0
    for _ in range(len(joints) + 1):
        for j in joints:
            a, b = j.find("parent").get("link"), j.find("child").get("link")
            if a in at and b not in at:
                turn = Matrix.Identity(4)
                if ("kuka" in path or "franka" in path) and j.get("type") == "revolute":
                    axis = [float(v) for v in (j.find("axis").get("xyz")).split()]
                    turn = Matrix.Rotation(bend[k % 7], 4, Vector(axis))
                    k += 1
                at[b] = at[a] @ origin(j) @ turn
    for l in tree.findall("link"):
        for v in l.findall("visual"):
            g, m = v.find("geometry"), v.find("material")
            place = at[l.get("name")] @ origin(v)
            color = None
            if m is not None:
                color = [float(x) for x in m.find("color").get("rgba").split()] if m.find("color") is not None else named.get(m.get("name"))
            before = set(kit.SCENE.objects)
            shape = g[0]
            size = Matrix.Identity(4)
            if shape.tag == "mesh":
                name = shape.get("filename").replace("package://", "")
                file = next((f for f in (os.path.join(os.path.dirname(path), name), os.path.join(root, name)) if os.path.exists(f)), None)
                if not file:
                    continue
                load(file, root, up="Z")
                s = [float(x) for x in (shape.get("scale") or "1 1 1").split()]
                size = Matrix.Diagonal((*s, 1))
            elif shape.tag == "box":
                kit.box((0, 0, 0), [float(x) for x in shape.get("size").split()], None, .005)
            elif shape.tag == "cylinder":
                kit.cyl((0, 0, 0), float(shape.get("radius")), float(shape.get("length")), None)
            elif shape.tag == "sphere":
                kit.ball((0, 0, 0), float(shape.get("radius")), None)
            bpy.context.view_layer.update()
            for o in set(kit.SCENE.objects) - before:
                if o.parent is None:
                    o.matrix_world = place @ size @ o.matrix_world
                if o.type == "MESH" and (not o.data.materials or color and file_is_plain(shape)):
                    paint = kit.mat(rough=.4)
                    paint.node_tree.nodes["Principled BSDF"].inputs["Base Color"].default_value = color or (.55, .56, .58, 1)
                    o.data.materials.clear()
                    o.data.materials.append(paint)


def file_is_plain(shape):
    return shape.get("filename", ".stl").lower().endswith(".stl")


def load(path, root, up="Y"):
    import bpy
    kind = path.rsplit(".", 1)[1].lower()
    if kind == "obj":
        bpy.ops.wm.obj_import(filepath=path, up_axis=up, forward_axis="NEGATIVE_Z" if up == "Y" else "Y")
    elif kind == "stl":
        bpy.ops.import_mesh.stl(filepath=path)
    elif kind == "dae":
        bpy.ops.wm.collada_import(filepath=path)
    elif kind in ("glb", "gltf"):
        bpy.ops.import_scene.gltf(filepath=path)
    elif kind in ("ac", "acc"):
        ac3d(path)
    elif kind == "urdf":
        urdf(path, root)


def portrait(source, name, seed):
    """Puts what was loaded on a ground, 1 unit big, and lights it: in a studio, or outdoors if it is at home there."""
    import bpy
    import kit
    from mathutils import Vector
    rng = random.Random(seed)
    bpy.context.view_layer.update()
    parts = [o for o in kit.SCENE.objects if o.type == "MESH"]
    for o in [o for o in kit.SCENE.objects if o.type in ("CAMERA", "LIGHT")]:
        bpy.data.objects.remove(o)
    corners = [o.matrix_world @ Vector(c) for o in parts for c in o.bound_box]
    lo, hi = (Vector([f(c[i] for c in corners) for i in range(3)]) for f in (min, max))
    size = (hi - lo).length
    hold = bpy.data.objects.new("hold", None)
    kit.SCENE.collection.objects.link(hold)
    for o in [o for o in kit.SCENE.objects if o.parent is None and o is not hold]:
        o.parent = hold
    mid = (lo + hi) / 2
    hold.scale = (1.6 / size,) * 3
    hold.location = -Vector((mid.x, mid.y, lo.z)) * 1.6 / size
    high = (hi.z - lo.z) * 1.6 / size
    outside = rng.random() < .45 or source in ("torcs", "flightgear")
    if outside:
        kit.plane(200, kit.mat(*rng.choice([("57585a", .9), ("56702f", .95), ("a8a294", .9)]), bump=.3, scale=30))
        kit.outdoors(rng.choice(["day", "day", "overcast", "sunset"]), rng.choice((150, 205)))
    else:
        kit.studio(rng.choice(["d8d8d8", "b7c3cc", "e2d3bf", "a9b8a4", "e8e4de"]), 1.0)
    turn = math.radians(rng.choice((-38, -25, 28, 40)))
    lift = math.radians(rng.uniform(10, 22))
    d = max(3.35, 4.2 * high)
    at = (d * math.sin(turn) * math.cos(lift), -d * math.cos(turn) * math.cos(lift), high / 2 + d * math.sin(lift))
    kit.camera(at, (0, 0, high / 2), 62)


def assets(out, folders):
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    import kit
    for word in folders:
        source, folder = word.split("=", 1)
        kind, names = ASSETS[source]
        os.makedirs(os.path.join(out, kind), exist_ok=True)
        for seed, name in enumerate(names):
            plain = os.path.splitext(name)[0].split("/")[-1]
            png = os.path.join(out, kind, f"{source}-{plain}.png")
            if plain in LEFT_OUT or os.path.exists(png) or os.path.exists(png + ".failed"):
                continue
            # A model that ends Blender leaves this mark, and the next run passes it by.
            open(png + ".failed", "w").close()
            path = os.path.join(folder, name if "." in name else f"{name}/{name}.obj")
            try:
                kit.fresh()
                load(path, folder)
                portrait(source, name, seed)
                kit.render(png)
                os.remove(png + ".failed")
            except Exception:  # A model that does not load is left out.
                traceback.print_exc()


if __name__ == "__main__":
    if sys.argv[1:] and "--" in sys.argv:
        place, _, *rest = sys.argv[sys.argv.index("--") + 1:]
        assets(place, rest)
    else:
        pov(sys.argv[1], sys.argv[3])
