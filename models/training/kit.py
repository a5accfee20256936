"""The building kit: a scene as plain meshes, independent of any renderer.

A `Scene` holds triangles and quads grouped by material, lamps, an environment, a camera and the ground truth that
captions are made from. Every shape is made by code; no asset is loaded.
"""

import math
from contextlib import contextmanager

import numpy as np

COLORS = {
    "red": (0.62, 0.04, 0.03), "blue": (0.04, 0.14, 0.55), "green": (0.06, 0.36, 0.08), "yellow": (0.8, 0.58, 0.04),
    "orange": (0.8, 0.26, 0.03), "white": (0.8, 0.8, 0.78), "black": (0.02, 0.02, 0.022), "gray": (0.32, 0.32, 0.33),
    "purple": (0.26, 0.05, 0.42), "pink": (0.8, 0.25, 0.4), "brown": (0.2, 0.09, 0.04), "turquoise": (0.03, 0.5, 0.5),
}
SKIN = [(0.62, 0.4, 0.28), (0.35, 0.19, 0.11), (0.75, 0.52, 0.4), (0.14, 0.07, 0.04)]


def material(kind, color=(0.5, 0.5, 0.5), scale=1.0):
    """A material: what it is (read by the renderer), its base color in linear RGB, and its texture scale."""
    return (kind, tuple(round(float(c), 3) for c in color), round(float(scale), 3))


class Scene:
    def __init__(self, rng):
        self.rng = rng
        self.groups = {}
        self.lamps = []
        self.env = {}
        self.truth = {}
        self.camera = None
        self._m = np.eye(4)

    @contextmanager
    def at(self, x=0.0, y=0.0, z=0.0, rz=0.0, rx=0.0, ry=0.0, s=1.0):
        """Everything added inside is scaled, turned (X, then Y, then Z, in radians) and moved."""
        cx, sx, cy, sy, cz, sz = math.cos(rx), math.sin(rx), math.cos(ry), math.sin(ry), math.cos(rz), math.sin(rz)
        rot = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]]) @ np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]]) \
            @ np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
        m = np.eye(4)
        m[:3, :3] = rot * (np.asarray(s, float) if np.ndim(s) else s)
        m[:3, 3] = (x, y, z)
        before = self._m
        self._m = before @ m
        try:
            yield self
        finally:
            self._m = before

    def add(self, verts, faces, mat, smooth=False):
        verts = np.asarray(verts, float) @ self._m[:3, :3].T + self._m[:3, 3]
        all_verts, all_faces, count = self.groups.setdefault((mat, smooth), ([], [], [0]))
        base = count[0]
        all_verts.append(verts)
        all_faces.extend(tuple(i + base for i in f) for f in faces)
        count[0] += len(verts)

    def point(self, p):
        return tuple(self._m[:3, :3] @ np.asarray(p, float) + self._m[:3, 3])

    def lamp(self, p, color, watts, radius=0.3):
        self.lamps.append({"at": self.point(p), "color": color, "watts": watts, "radius": radius})

    def bounds(self):
        pts = np.concatenate([np.concatenate(v) for v, _, _ in self.groups.values()])
        return pts.min(0), pts.max(0)

    # --- solids -------------------------------------------------------------------------------------------------
    def box(self, c, size, mat, rz=0.0, rx=0.0, ry=0.0):
        x, y, z = (v / 2 for v in size)
        v = [(-x, -y, -z), (x, -y, -z), (x, y, -z), (-x, y, -z), (-x, -y, z), (x, -y, z), (x, y, z), (-x, y, z)]
        f = [(3, 2, 1, 0), (4, 5, 6, 7), (0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7)]
        with self.at(*c, rz=rz, rx=rx, ry=ry):
            self.add(v, f, mat)

    def slab(self, x0, y0, x1, y1, z0, z1, mat):
        self.box(((x0 + x1) / 2, (y0 + y1) / 2, (z0 + z1) / 2), (x1 - x0, y1 - y0, z1 - z0), mat)

    def lathe(self, profile, mat, n=24, smooth=True, start=0.0, turn=2 * math.pi):
        """Turns a profile of (radius, z) around the Z axis."""
        closed = turn > 6.28
        steps = n if closed else n + 1
        v, f = [], []
        for i in range(steps):
            a = start + turn * i / n
            v += [(r * math.cos(a), r * math.sin(a), z) for r, z in profile]
        k = len(profile)
        for i in range(n):
            j = (i + 1) % steps
            f += [(i * k + p, j * k + p, j * k + p + 1, i * k + p + 1) for p in range(k - 1)]
        self.add(v, f, mat, smooth)

    def cyl(self, c, r, h, mat, n=20, r2=None, smooth=True, rx=0.0, ry=0.0, rz=0.0):
        """A closed cylinder or cone standing on `c`."""
        r2 = r if r2 is None else r2
        ring = [(math.cos(2 * math.pi * i / n), math.sin(2 * math.pi * i / n)) for i in range(n)]
        with self.at(*c, rx=rx, ry=ry, rz=rz):
            v = [(x * r, y * r, 0) for x, y in ring] + [(x * r2, y * r2, h) for x, y in ring]
            self.add(v, [(i, (i + 1) % n, n + (i + 1) % n, n + i) for i in range(n)], mat, smooth)
            self.add(v[:n], [tuple(reversed(range(n)))], mat)
            if r2 > 1e-4:
                self.add(v[n:], [tuple(range(n))], mat)

    def limb(self, a, b, r, mat, r2=None, n=10):
        a, b = np.asarray(a, float), np.asarray(b, float)
        d = b - a
        length = float(np.linalg.norm(d))
        if length < 1e-6:
            return
        pitch, yaw = math.acos(max(-1, min(1, d[2] / length))), math.atan2(d[1], d[0])
        self.cyl(a, r, length, mat, n=n, r2=r2, ry=pitch, rz=yaw)

    def tube(self, pts, r, mat, n=8):
        for a, b in zip(pts, pts[1:]):
            self.limb(a, b, r, mat, n=n)
            self.ball(b, r, mat, n=8)

    def ball(self, c, r, mat, n=20, squash=(1, 1, 1), smooth=True):
        m = n // 2
        prof = [(math.sin(math.pi * i / m), -math.cos(math.pi * i / m)) for i in range(m + 1)]
        with self.at(*c, s=np.asarray(squash, float) * r):
            self.lathe(prof, mat, n=n, smooth=smooth)

    def torus(self, c, big, small, mat, n=36, k=14, rx=0.0, ry=0.0, rz=0.0):
        prof = [(big + small * math.cos(2 * math.pi * i / k), small * math.sin(2 * math.pi * i / k)) for i in range(k + 1)]
        with self.at(*c, rx=rx, ry=ry, rz=rz):
            self.lathe(prof, mat, n=n)

    def prism(self, poly, depth, mat, taper=1.0):
        """A polygon in X and Z, pulled along Y by `depth` around Y = 0."""
        n, h = len(poly), depth / 2
        cx, cz = sum(p[0] for p in poly) / n, sum(p[1] for p in poly) / n
        v = [(x, -h, z) for x, z in poly] + [(cx + (x - cx) * taper, h, cz + (z - cz) * taper) for x, z in poly]
        f = [(i, (i + 1) % n, n + (i + 1) % n, n + i) for i in range(n)] + [tuple(reversed(range(n))), tuple(range(n, 2 * n))]
        self.add(v, f, mat)

    def loft(self, rings, mat, smooth=False, caps=True):
        """Joins rings of equally many points."""
        n = len(rings[0])
        v = [p for ring in rings for p in ring]
        f = [(k * n + i, k * n + (i + 1) % n, (k + 1) * n + (i + 1) % n, (k + 1) * n + i)
             for k in range(len(rings) - 1) for i in range(n)]
        self.add(v, f, mat, smooth)
        if caps:
            self.add(rings[0], [tuple(reversed(range(n)))], mat)
            self.add(rings[-1], [tuple(range(n))], mat)

    def rock(self, c, r, mat, rough=0.35, squash=(1, 1, 1), n=10):
        m, rng = n // 2, self.rng
        v, f = [], []
        for i in range(m + 1):
            for j in range(n):
                k = 1 + (rng.random() - 0.5) * rough * (0 < i < m)
                a, b = math.pi * i / m, 2 * math.pi * j / n
                v.append((k * r * math.sin(a) * math.cos(b) * squash[0], k * r * math.sin(a) * math.sin(b) * squash[1],
                          -k * r * math.cos(a) * squash[2]))
        f = [(i * n + j, i * n + (j + 1) % n, (i + 1) * n + (j + 1) % n, (i + 1) * n + j) for i in range(m) for j in range(n)]
        with self.at(*c, rz=rng.random() * 6.28):
            self.add(v, f, mat)

    def ground(self, heights, size, mat, z=0.0, smooth=True):
        """A square of terrain from a grid of heights, centred on the origin; returns a height lookup."""
        n = heights.shape[0]
        t = np.linspace(-size / 2, size / 2, n)
        v = np.stack([np.repeat(t, n), np.tile(t, n), heights.reshape(-1) + z], 1)
        f = [(i * n + j, (i + 1) * n + j, (i + 1) * n + j + 1, i * n + j + 1) for i in range(n - 1) for j in range(n - 1)]
        self.add(v, f, mat, smooth)

        def height(x, y):
            i, j = int((x / size + 0.5) * (n - 1)), int((y / size + 0.5) * (n - 1))
            return float(heights[min(max(i, 0), n - 1), min(max(j, 0), n - 1)] + z)
        return height

    def floor(self, mat, size=400.0, z=0.0):
        h = size / 2
        self.add([(-h, -h, z), (h, -h, z), (h, h, z), (-h, h, z)], [(0, 1, 2, 3)], mat)

    # --- camera -------------------------------------------------------------------------------------------------
    def look(self, eye, target, fov=50.0):
        self.camera = {"eye": tuple(map(float, eye)), "target": tuple(map(float, target)), "fov": fov}

    def frame(self, lo, hi, azimuth, elevation, fill=1.0, fov=40.0):
        """Looks at a box from a direction, far enough to see all of it (`fill` > 1 comes closer)."""
        lo, hi = np.asarray(lo), np.asarray(hi)
        c, radius = (lo + hi) / 2, float(np.linalg.norm(hi - lo)) / 2
        d = radius / math.sin(math.radians(fov) / 2) * 0.86 / fill
        a, e = math.radians(azimuth), math.radians(elevation)
        eye = c + d * np.array([math.cos(e) * math.cos(a), math.cos(e) * math.sin(a), math.sin(e)])
        eye[2] = max(eye[2], lo[2] + 0.04 * radius)
        self.look(eye, c, fov)


def noise_grid(rng, n, cells, octaves=5, gain=0.5, ridged=False):
    """A grid of fractal value noise in 0..1."""
    gen = np.random.default_rng(rng.randrange(1 << 30))
    out, amp, total = np.zeros((n, n)), 1.0, 0.0
    for _ in range(octaves):
        g = gen.random((cells + 2, cells + 2))
        t = np.linspace(0, cells, n)
        i = t.astype(int)
        u = t - i
        u = u * u * (3 - 2 * u)
        a = g[i][:, i] * (1 - u[:, None]) + g[i + 1][:, i] * u[:, None]
        b = g[i][:, i + 1] * (1 - u[:, None]) + g[i + 1][:, i + 1] * u[:, None]
        layer = a * (1 - u[None, :]) + b * u[None, :]
        out += amp * (1 - np.abs(2 * layer - 1) if ridged else layer)
        total += amp
        amp *= gain
        cells *= 2
        if cells > n:
            break
    return out / total
