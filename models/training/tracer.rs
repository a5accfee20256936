//! A small ray tracer for training pictures: triangles, procedural materials, sun, lamps, sky and fog.
//!
//! Reads scenes from standard input and writes raw RGBA pictures to standard output, one after another, until the
//! input ends; `render_traced.py` speaks to it. Build it with `rustc -O --edition 2021 tracer.rs`.

use std::io::{self, Read, Write};
use std::ops::{Add, Mul, Neg, Sub};

#[derive(Clone, Copy, Default)]
struct V(f32, f32, f32);
impl Add for V { type Output = V; fn add(self, o: V) -> V { V(self.0 + o.0, self.1 + o.1, self.2 + o.2) } }
impl Sub for V { type Output = V; fn sub(self, o: V) -> V { V(self.0 - o.0, self.1 - o.1, self.2 - o.2) } }
impl Mul<f32> for V { type Output = V; fn mul(self, k: f32) -> V { V(self.0 * k, self.1 * k, self.2 * k) } }
impl Mul<V> for V { type Output = V; fn mul(self, o: V) -> V { V(self.0 * o.0, self.1 * o.1, self.2 * o.2) } }
impl Neg for V { type Output = V; fn neg(self) -> V { V(-self.0, -self.1, -self.2) } }
impl V {
    fn dot(self, o: V) -> f32 { self.0 * o.0 + self.1 * o.1 + self.2 * o.2 }
    fn cross(self, o: V) -> V { V(self.1 * o.2 - self.2 * o.1, self.2 * o.0 - self.0 * o.2, self.0 * o.1 - self.1 * o.0) }
    fn len(self) -> f32 { self.dot(self).sqrt() }
    fn unit(self) -> V { let l = self.len(); if l > 0.0 { self * (1.0 / l) } else { V(0.0, 0.0, 1.0) } }
    fn at(self, i: usize) -> f32 { match i { 0 => self.0, 1 => self.1, _ => self.2 } }
    fn lerp(self, o: V, t: f32) -> V { self * (1.0 - t) + o * t }
    fn min(self, o: V) -> V { V(self.0.min(o.0), self.1.min(o.1), self.2.min(o.2)) }
    fn max(self, o: V) -> V { V(self.0.max(o.0), self.1.max(o.1), self.2.max(o.2)) }
}

/// Color, base color, normal, distance and alpha of a pixel.
type Pixel = (V, V, V, f32, f32);

struct Input { bytes: Vec<u8>, at: usize }
impl Input {
    fn u32(&mut self) -> u32 { let b = &self.bytes[self.at..self.at + 4]; self.at += 4; u32::from_le_bytes([b[0], b[1], b[2], b[3]]) }
    fn f(&mut self) -> f32 { f32::from_bits(self.u32()) }
    fn v(&mut self) -> V { V(self.f(), self.f(), self.f()) }
}

struct Rng(u64);
impl Rng {
    fn f(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((self.0 >> 40) as f32) / (1u64 << 24) as f32
    }
    fn ball(&mut self) -> V {
        let (z, a) = (2.0 * self.f() - 1.0, std::f32::consts::TAU * self.f());
        let r = (1.0 - z * z).max(0.0).sqrt();
        V(r * a.cos(), r * a.sin(), z)
    }
}

struct Tri { p: V, e1: V, e2: V, n: [V; 3], mat: u32, edges: u32 }
#[derive(Clone, Copy)]
struct Mat { kind: u32, color: V, scale: f32 }
struct Lamp { p: V, color: V, radius: f32 }
struct Node { lo: V, hi: V, first: u32, count: u32 }

// The order of `KINDS` in render_traced.py.
const GLOW: u32 = 0;
const SMOKE: u32 = 1;
const GLASS: u32 = 2;
const WATER: u32 = 3;
const METAL: u32 = 4;
const GOLD: u32 = 5;
const PAINT: u32 = 6;
const PLASTIC: u32 = 7;
const BRICK: u32 = 8;
const WOOD: u32 = 9;
const TILES: u32 = 10;
const PANEL: u32 = 11;
const CHECKER: u32 = 12;
const SNOWCAP: u32 = 13;
const STRATA: u32 = 14;
const SHORE: u32 = 15;
const CORRUGATED: u32 = 16;
const TILE: u32 = 17;
const GRAINY: u32 = 18;
const ROUGH: u32 = 19;
const PLANET: u32 = 20;
const SHADE: u32 = 21;
const ASHLAR: u32 = 22;
const MARBLE: u32 = 23;

struct Scene {
    w: u32, h: u32, spp: u32, mode: u32,
    eye: V, right: V, up: V, ahead: V,
    sun: V, sun_color: V, sun_size: f32,
    zenith: V, horizon: V, ambient: f32, fog: f32, fog_color: V, exposure: f32,
    stars: bool, bg: Option<V>, clear: bool, clouds: bool, filmic: bool, smooth: bool,
    lines: [V; 2],
    mats: Vec<Mat>, lamps: Vec<Lamp>, tris: Vec<Tri>, nodes: Vec<Node>, order: Vec<u32>,
}

fn hash(x: i32, y: i32, z: i32) -> f32 {
    let mut h = (x as u32).wrapping_mul(0x8da6b343) ^ (y as u32).wrapping_mul(0xd8163841) ^ (z as u32).wrapping_mul(0xcb1ab31f);
    h ^= h >> 13; h = h.wrapping_mul(0x5bd1e995); h ^= h >> 15;
    (h & 0xffffff) as f32 / 16777216.0
}

fn noise(p: V) -> f32 {
    let (fx, fy, fz) = (p.0.floor(), p.1.floor(), p.2.floor());
    let s = |t: f32| t * t * (3.0 - 2.0 * t);
    let (x, y, z) = (s(p.0 - fx), s(p.1 - fy), s(p.2 - fz));
    let (i, j, k) = (fx as i32, fy as i32, fz as i32);
    let mut c = 0.0;
    for (dx, wx) in [(0, 1.0 - x), (1, x)] { for (dy, wy) in [(0, 1.0 - y), (1, y)] { for (dz, wz) in [(0, 1.0 - z), (1, z)] {
        c += hash(i.wrapping_add(dx), j.wrapping_add(dy), k.wrapping_add(dz)) * wx * wy * wz;
    } } }
    c
}

fn fractal(mut p: V, octaves: u32) -> f32 {
    let (mut sum, mut amp) = (0.0, 0.5);
    for _ in 0..octaves { sum += amp * noise(p); amp *= 0.5; p = p * 2.03 + V(7.1, 3.7, 1.9); }
    sum
}

/// Bricks or panels over a wall: (0 in the mortar and 1 on a brick, shade of the brick).
fn courses(u: f32, v: f32, w: f32, h: f32, gap: f32, shift: f32) -> (bool, f32) {
    let row = (v / h).floor();
    let u = u / w + row * shift;
    let (fu, fv) = (u - u.floor(), v / h - row);
    (fu > gap / w && fv > gap / h, hash(u.floor() as i32, row as i32, 5))
}

impl Scene {
    fn read(i: &mut Input) -> Scene {
        let (w, h, spp, mode) = (i.u32(), i.u32(), i.u32(), i.u32());
        let (eye, target) = (i.v(), i.v());
        let (tan_x, tan_y) = (i.f(), i.f());
        let ahead = (target - eye).unit();
        let right = ahead.cross(V(0.0, 0.0, 1.0)).unit();
        let up = right.cross(ahead);
        let (sun, sun_color, sun_size) = (i.v(), i.v(), i.f());
        let (zenith, horizon, ambient, fog, fog_color, exposure) = (i.v(), i.v(), i.f(), i.f(), i.v(), i.f());
        let flags = i.u32();
        let bg = i.v();
        let lines = [i.v(), i.v()];
        let mats: Vec<Mat> = (0..i.u32()).map(|_| Mat { kind: i.u32(), color: i.v(), scale: i.f() }).collect();
        let lamps = (0..i.u32()).map(|_| Lamp { p: i.v(), color: i.v(), radius: i.f() }).collect();
        let n = i.u32();
        let tris: Vec<Tri> = (0..n).map(|_| {
            let (a, b, c) = (i.v(), i.v(), i.v());
            let n = [i.v(), i.v(), i.v()];
            Tri { p: a, e1: b - a, e2: c - a, n, mat: i.u32(), edges: i.u32() }
        }).collect();
        let mut s = Scene { w, h, spp, mode, eye, right: right * tan_x, up: up * tan_y, ahead, sun, sun_color, sun_size, zenith, horizon, ambient, fog, fog_color, exposure,
            stars: flags & 1 != 0, bg: (flags & 2 != 0).then_some(bg), clear: flags & 4 != 0, clouds: flags & 8 != 0, filmic: flags & 16 != 0, smooth: flags & 32 != 0 && matches!(mode, 0 | 1), lines, mats, lamps, order: (0..n).collect(), tris, nodes: vec![] };
        s.nodes.push(Node { lo: V::default(), hi: V::default(), first: 0, count: n });
        s.split(0);
        s
    }

    fn split(&mut self, node: usize) {
        let (first, count) = (self.nodes[node].first as usize, self.nodes[node].count as usize);
        let (mut lo, mut hi) = (V(1e30, 1e30, 1e30), V(-1e30, -1e30, -1e30));
        let (mut clo, mut chi) = (lo, hi);
        for &t in &self.order[first..first + count] {
            let t = &self.tris[t as usize];
            let (a, b, c) = (t.p, t.p + t.e1, t.p + t.e2);
            lo = lo.min(a).min(b).min(c);
            hi = hi.max(a).max(b).max(c);
            let m = (a + b + c) * (1.0 / 3.0);
            clo = clo.min(m);
            chi = chi.max(m);
        }
        self.nodes[node].lo = lo;
        self.nodes[node].hi = hi;
        if count <= 4 { return; }
        let area = |lo: V, hi: V| { let d = hi - lo; d.0 * d.1 + d.1 * d.2 + d.2 * d.0 };
        let (mut best, mut axis, mut at) = (count as f32 * area(lo, hi), 3, 0.0);
        for a in 0..3 {
            let (from, size) = (clo.at(a), chi.at(a) - clo.at(a));
            if size < 1e-7 { continue; }
            const BINS: usize = 12;
            let mut bins = [(0usize, V(1e30, 1e30, 1e30), V(-1e30, -1e30, -1e30)); BINS];
            for &t in &self.order[first..first + count] {
                let t = &self.tris[t as usize];
                let (p, q, r) = (t.p, t.p + t.e1, t.p + t.e2);
                let m = (p.at(a) + q.at(a) + r.at(a)) / 3.0;
                let b = &mut bins[(((m - from) / size * BINS as f32) as usize).min(BINS - 1)];
                *b = (b.0 + 1, b.1.min(p).min(q).min(r), b.2.max(p).max(q).max(r));
            }
            for cut in 1..BINS {
                let side = |b: &[(usize, V, V)]| b.iter().fold((0, V(1e30, 1e30, 1e30), V(-1e30, -1e30, -1e30)), |s, b| (s.0 + b.0, s.1.min(b.1), s.2.max(b.2)));
                let (l, r) = (side(&bins[..cut]), side(&bins[cut..]));
                if l.0 == 0 || r.0 == 0 { continue; }
                let cost = l.0 as f32 * area(l.1, l.2) + r.0 as f32 * area(r.1, r.2);
                if cost < best { best = cost; axis = a; at = from + size * cut as f32 / BINS as f32; }
            }
        }
        if axis == 3 { return; }
        let mut k = first;
        for j in first..first + count {
            let t = &self.tris[self.order[j] as usize];
            if (t.p.at(axis) + (t.p + t.e1).at(axis) + (t.p + t.e2).at(axis)) / 3.0 < at { self.order.swap(j, k); k += 1; }
        }
        if k == first || k == first + count { return; }
        let child = self.nodes.len();
        self.nodes.push(Node { lo, hi, first: first as u32, count: (k - first) as u32 });
        self.nodes.push(Node { lo, hi, first: k as u32, count: (first + count - k) as u32 });
        self.nodes[node].first = child as u32;
        self.nodes[node].count = 0;
        self.split(child);
        self.split(child + 1);
    }

    /// The nearest hit: (distance, triangle, u, v); with `any`, whichever comes first that is not smoke or light.
    fn hit(&self, o: V, d: V, far: f32, any: bool) -> Option<(f32, u32, f32, f32)> {
        let inv = V(1.0 / d.0, 1.0 / d.1, 1.0 / d.2);
        let slab = |n: &Node, far: f32| {
            let (a, b) = ((n.lo - o) * inv, (n.hi - o) * inv);
            let (l, h) = (a.min(b), a.max(b));
            let (t0, t1) = (l.0.max(l.1).max(l.2).max(0.0), h.0.min(h.1).min(h.2).min(far));
            (t0 <= t1).then_some(t0)
        };
        let (mut best, mut far) = (None, far);
        let mut stack = [0u32; 64];
        let mut top = 1;
        while top > 0 {
            top -= 1;
            let n = &self.nodes[stack[top] as usize];
            if slab(n, far).is_none() { continue; }
            if n.count == 0 {
                let (l, r) = (n.first, n.first + 1);
                let (a, b) = (slab(&self.nodes[l as usize], far), slab(&self.nodes[r as usize], far));
                match (a, b) {
                    (Some(x), Some(y)) if top < 61 => { let (near, other) = if x < y { (l, r) } else { (r, l) }; stack[top] = other; stack[top + 1] = near; top += 2; }
                    (Some(_), None) => { stack[top] = l; top += 1; }
                    (None, Some(_)) => { stack[top] = r; top += 1; }
                    _ => {}
                }
                continue;
            }
            for &k in &self.order[n.first as usize..(n.first + n.count) as usize] {
                let t = &self.tris[k as usize];
                let p = d.cross(t.e2);
                let det = t.e1.dot(p);
                if det.abs() < 1e-12 { continue; }
                let s = o - t.p;
                let u = s.dot(p) / det;
                if !(0.0..=1.0).contains(&u) { continue; }
                let q = s.cross(t.e1);
                let v = d.dot(q) / det;
                if v < 0.0 || u + v > 1.0 { continue; }
                let dist = t.e2.dot(q) / det;
                if dist > 1e-4 && dist < far {
                    if any && matches!(self.mats[t.mat as usize].kind, GLOW | SMOKE | SHADE) { continue; }
                    far = dist;
                    best = Some((dist, k, u, v));
                    if any { return best; }
                }
            }
        }
        best
    }

    fn sky(&self, d: V) -> V {
        let t = ((d.2 + 0.03) / 0.6).clamp(0.0, 1.0).sqrt();
        let mut c = self.horizon.lerp(self.zenith, t);
        if self.clouds && d.2 > 0.02 {
            let k = fractal(V(d.0 / (d.2 + 0.15), d.1 / (d.2 + 0.15), 1.0) * 1.7, 5);
            let k = ((k - 0.45) * 5.0).clamp(0.0, 1.0) * (d.2 * 6.0).min(1.0);
            c = c.lerp((self.horizon + V(0.5, 0.5, 0.5)) * 0.62, k * 0.8);
        }
        if self.stars && d.2 > -0.3 && hash((d.0 * 160.0).floor() as i32, (d.1 * 160.0).floor() as i32, (d.2 * 160.0).floor() as i32) > 0.992 { c = V(0.9, 0.9, 0.9); }
        if self.sun_size < 0.1 && self.sun_color.0 > 0.6 && d.dot(self.sun) > 0.9985 { c = c + self.sun_color; }
        c * self.ambient
    }

    /// Base color, roughness, share of mirror light, emission.
    fn surface(&self, m: Mat, p: V, n: V) -> (V, f32, f32, V) {
        let (c, k) = (m.color, m.scale);
        let none = V::default();
        let (u, v) = (p.0 + p.1, p.2);
        let wood = |c: V| { let g = (p.0 * 0.8 + p.2 * 0.35 + p.1 * 0.15) * k * 6.0 + 5.0 * fractal(V(p.0, p.1 * 3.0, p.2) * (k * 0.9), 3); c * (0.65 + 0.45 * (g - g.floor())) };
        match m.kind {
            GLOW => (c, 1.0, 0.0, c * k),
            GLASS => (c, 0.02, 0.35, none),
            WATER => (c, 0.02, 0.2, none),
            METAL => (c, 0.12, 0.85, none),
            GOLD => (c, 0.08, 0.9, none),
            PAINT => (c, 0.05, 0.06, none),
            PLASTIC => (c, 0.15, 0.05, none),
            BRICK => { let (on, s) = courses(u, v, 0.62 / k, 0.26 / k, 0.045 / k, 0.5); (if on { c * (0.7 + 0.5 * s) } else { V(0.36, 0.34, 0.31) }, 1.0, 0.0, none) }
            WOOD => (wood(c), 0.4, 0.02, none),
            TILES => { let w = 0.5 / k; let (a, b) = if n.2.abs() > 0.7 { (p.0, p.1) } else { (u, v) }; let (on, s) = courses(a, b, w, w, w * 0.05, 0.0); (if on { c * (0.9 + 0.1 * s) } else { c * 0.4 }, 0.1, 0.08, none) }
            PANEL => { let (on, s) = courses(u, v, 1.1 / k, 0.7 / k, 0.03 / k, 0.5); (if on { c * (0.75 + 0.3 * s) } else { c * 0.3 }, 0.2, 0.25, none) }
            CHECKER => { let q = p * (2.0 * k); let odd = (q.0.floor() + q.1.floor() + q.2.floor()) as i64 & 1 == 1; (if odd { c } else { V(0.72, 0.7, 0.67) }, 0.1, 0.05, none) }
            SNOWCAP => { let s = ((p.2 * k + 0.15 * fractal(p * 0.1, 3) - 0.4) * 9.0).clamp(0.0, 1.0) * ((n.2.abs() - 0.4) * 5.0).clamp(0.0, 1.0); ((c * (0.6 + 0.7 * fractal(p * 0.4, 4))).lerp(V(0.85, 0.87, 0.9), s), 1.0, 0.0, none) }
            STRATA => { let s = (p.2 * k * 5.0 + 1.5 * fractal(p * 0.05, 3)).sin(); (c * (0.85 + 0.3 * s) , 1.0, 0.0, none) }
            SHORE => ((V(0.68, 0.55, 0.33)).lerp(c * (0.5 + fractal(p * 0.25, 4)), ((p.2 - 1.3) * 0.6).clamp(0.0, 1.0)), 1.0, 0.0, none),
            CORRUGATED => (c * (0.75 + 0.35 * (u * 14.0).sin().abs()), 0.3, 0.12, none),
            TILE => (c * (0.6 + 0.6 * ((p.2 * 3.2).fract().abs())), 1.0, 0.0, none),
            GRAINY => (c * (0.72 + 0.6 * fractal(p * (2.2 * k), 5)), 1.0, 0.0, none),
            ROUGH => (c * (0.5 + 1.05 * fractal(p * (0.8 * k), 6)), 1.0, 0.0, none),
            PLANET => (c.lerp(V(0.45, 0.45, 0.4) + c * 0.35, ((fractal(p * (1.3 * k), 7) - 0.45) * 9.0).clamp(0.0, 1.0)), 1.0, 0.0, none),
            SHADE => (c, 1.0, 0.0, c * 0.7),
            ASHLAR => { let (on, s) = courses(u, v, 1.3 / k, 0.55 / k, 0.06 / k, 0.5); let c = c * (0.75 + 0.5 * fractal(p * k, 4)); (if on { c * (0.8 + 0.4 * s) } else { c * 0.5 }, 1.0, 0.0, none) }
            MARBLE => { let s = ((p.0 + p.1 * 0.7 + p.2 * 0.5) * k * 3.0 + 7.0 * fractal(p * k, 5)).sin().abs(); (c.lerp(V(0.75, 0.73, 0.7), (1.0 - s) * (1.0 - s) * 0.9) * (0.6 + 0.6 * fractal(p * (2.0 * k), 4)), 0.15, 0.05, none) }
            _ => (c, 1.0, 0.0, none),
        }
    }

    fn direct(&self, p: V, n: V, rng: &mut Rng) -> V {
        let mut light = V::default();
        if self.sun_color.0 + self.sun_color.2 > 0.0 {
            let d = (self.sun + rng.ball() * self.sun_size).unit();
            let k = n.dot(d);
            if k > 0.0 && self.hit(p, d, 1e30, true).is_none() { light = light + self.sun_color * (k / std::f32::consts::PI); }
        }
        if !self.lamps.is_empty() {
            // One lamp, picked by what it could give here.
            let give = |l: &Lamp| { let d = l.p - p; let r2 = d.dot(d).max(0.01); (n.dot(d) / r2.sqrt()).max(0.0) * (l.color.0 + l.color.1 + l.color.2) / r2 };
            let total: f32 = self.lamps.iter().map(give).sum();
            if total > 1e-9 {
                let mut pick = rng.f() * total;
                for l in &self.lamps {
                    let g = give(l);
                    pick -= g;
                    if pick <= 0.0 && g > 0.0 {
                        let d = l.p + rng.ball() * l.radius - p;
                        let far = d.len();
                        let u = d * (1.0 / far);
                        let chance = g / total;
                        if self.hit(p, u, far * 0.98, true).is_none() { light = light + l.color * (n.dot(u).max(0.0) / (far * far).max(0.01) / chance / 39.5); }
                        break;
                    }
                }
            }
        }
        light
    }

    fn trace(&self, o: V, d: V, depth: u32, rng: &mut Rng, first: &mut (V, V, f32)) -> (V, f32) {
        let Some((t, k, u, v)) = self.hit(o, d, 1e30, false) else {
            if depth == 0 { *first = (V(1.0, 1.0, 1.0), V::default(), 1e9); }
            let c = match self.bg { Some(bg) if depth == 0 => bg, _ => self.sky(d) };
            return if self.fog > 0.0 { (self.fog_color, 1.0) } else { (c, if depth == 0 && self.clear { 0.0 } else { 1.0 }) };
        };
        let tri = &self.tris[k as usize];
        let m = self.mats[tri.mat as usize];
        let p = o + d * t;
        let flat = tri.e1.cross(tri.e2).unit();
        let flat = if flat.dot(d) > 0.0 { -flat } else { flat };
        let mut n = (tri.n[0] * (1.0 - u - v) + tri.n[1] * u + tri.n[2] * v).unit();
        if n.dot(flat) < 0.0 { n = -n; }
        let above = p + flat * (2e-4 * (1.0 + t));
        if self.mode == 2 {
            let line = [(v, 1u32), (u, 4), (1.0 - u - v, 2)].iter().any(|&(b, bit)| {
                let edge = match bit { 1 => tri.e1, 4 => tri.e2, _ => tri.e2 - tri.e1 };
                let height = tri.e1.cross(tri.e2).len() / edge.len().max(1e-9);
                tri.edges & bit != 0 && b * height < 0.9 * t * self.right.len() * 2.0 / self.w as f32
            });
            return (self.lines[line as usize], 1.0);
        }
        if self.mode == 3 { return (V(n.dot(self.right.unit()), n.dot(self.up.unit()), -n.dot(self.ahead)) * 0.5 + V(0.5, 0.5, 0.5), 1.0); }
        if m.kind == SMOKE && self.mode == 0 && depth < 8 && rng.f() > 0.38 { return self.trace(p + d * 1e-3, d, depth + 1, rng, first); }
        let (mut c, rough, mirror, glow) = self.surface(m, p, n);
        if m.kind == WATER { let e = 0.25 / (1.0 + t * 0.02); n = (n + V(fractal(p * 0.7, 3) - 0.45, fractal(p * 0.7 + V(9.0, 4.0, 2.0), 3) - 0.45, 0.0) * e).unit(); }
        if matches!(m.kind, ROUGH) && n.dot(flat) > 0.2 { n = (n + (V(noise(p * (3.0 * m.scale)), noise(p * (3.0 * m.scale) + V(5.0, 2.0, 8.0)), noise(p * (3.0 * m.scale) + V(1.0, 7.0, 3.0))) - V(0.5, 0.5, 0.5)) * 0.6).unit(); }
        if self.mode == 1 { c = self.lines[0]; }
        if depth == 0 { *first = (c.max(V(0.02, 0.02, 0.02)), n, t); }
        if self.mode == 4 {
            // A viewport: lit from the camera, no shadows.
            let k = 0.25 + 0.75 * n.dot((-d + self.up.unit() * 0.4 - self.right.unit() * 0.3).unit()).max(0.0);
            return (if m.kind == GLOW { c } else { c * k * 1.3 + V(0.02, 0.02, 0.02) }, 1.0);
        }
        let mut out = V::default();
        if self.mode != 1 && glow.0 + glow.1 + glow.2 > 0.0 { out = out + glow; if m.kind == GLOW { return (self.misty(out, t), 1.0); } }
        let facing = (-d).dot(n).clamp(0.0, 1.0);
        let fresnel = mirror + (1.0 - mirror) * (1.0 - facing).powi(5) * if mirror > 0.0 { 0.9 } else { 0.0 };
        if self.mode != 1 && fresnel > 0.0 && depth < 2 {
            let tint = if matches!(m.kind, METAL | GOLD) { c } else { V(1.0, 1.0, 1.0) };
            let take = matches!(m.kind, GLASS) && m.color.0.max(m.color.1) > 0.45;
            if take && rng.f() > fresnel.min(0.9) { let (c2, a) = self.trace(p + d * 1e-3, d, depth + 1, rng, first); return (c2 * c.lerp(V(1.0, 1.0, 1.0), 0.6), a.max(0.5)); }
            if rng.f() < fresnel.max(0.25) {
                let r = (d - n * (2.0 * d.dot(n)) + rng.ball() * rough).unit();
                if r.dot(flat) > 0.0 {
                    let (c2, _) = self.trace(above, r, depth + 1, rng, first);
                    out = out + tint * c2 * (fresnel / fresnel.max(0.25));
                    if fresnel > 0.25 { return (self.misty(out, t), 1.0); }
                }
            }
        }
        let share = if self.mode == 1 { 1.0 } else { 1.0 - mirror };
        let mut light = self.direct(above, n, rng);
        let r = (n + rng.ball() * 0.999).unit();
        if depth < 1 {
            let (c2, _) = match self.hit(above, r, 1e30, false) {
                None => (self.sky(r), 1.0),
                Some(_) => self.trace(above, r, depth.max(1) + 1, rng, first),
            };
            light = light + c2.min(V(4.0, 4.0, 4.0));
        } else {
            light = light + self.zenith.lerp(self.horizon, 0.5) * (0.35 * self.ambient);
        }
        (self.misty(out + c * light * share, t), 1.0)
    }

    fn misty(&self, c: V, t: f32) -> V { if self.fog > 0.0 { self.fog_color.lerp(c, (-t * self.fog).exp()) } else { c } }

    /// Evens out the noise of the light (color over base color) among pixels of the same surface.
    fn filter(&self, pixels: &[Pixel], step: i32) -> Vec<Pixel> {
        let (w, h) = (self.w as i32, self.h as i32);
        let mut out = pixels.to_vec();
        for y in 0..h { for x in 0..w {
            let here = &pixels[(y * w + x) as usize];
            let (mut sum, mut total) = (V::default(), 0.0);
            for dy in -2..=2 { for dx in -2..=2 {
                let (i, j) = (x + dx * step, y + dy * step);
                if i < 0 || j < 0 || i >= w || j >= h { continue; }
                let p = &pixels[(j * w + i) as usize];
                let k = (-(dx * dx + dy * dy) as f32 * 0.25 - (p.2 - here.2).len() * 6.0 - (p.3 - here.3).abs() / here.3.max(1e-3) * 12.0 - (p.4 - here.4).abs() * 9.0).exp();
                let light = V(p.0.0 / p.1.0.max(0.02), p.0.1 / p.1.1.max(0.02), p.0.2 / p.1.2.max(0.02)).min(V(6.0, 6.0, 6.0));
                sum = sum + light * k;
                total += k;
            } }
            let glowing = here.0.0.max(here.0.1).max(here.0.2) > 2.5;
            if !glowing && here.3 < 1e8 { out[(y * w + x) as usize].0 = sum * (1.0 / total) * here.1.max(V(0.02, 0.02, 0.02)); }
        } }
        out
    }

    fn render(&self, seed: u64) -> Vec<u8> {
        let mut rng = Rng(seed.wrapping_mul(0x9e3779b97f4a7c15) | 1);
        for _ in 0..4 { rng.f(); }
        let mut pixels = Vec::with_capacity((self.w * self.h) as usize);
        for y in 0..self.h { for x in 0..self.w {
            let (mut sum, mut alpha, mut first, mut guide) = (V::default(), 0.0, (V(1.0, 1.0, 1.0), V::default(), 1e9), (V::default(), V::default(), 0.0));
            for s in 0..self.spp {
                let (jx, jy) = (((s & 1) as f32 + rng.f()) * 0.5, (((s >> 1) & 1) as f32 + rng.f()) * 0.5);
                let d = self.ahead + self.right * ((x as f32 + jx) / self.w as f32 * 2.0 - 1.0) + self.up * (1.0 - (y as f32 + jy) / self.h as f32 * 2.0);
                let (c, a) = self.trace(self.eye, d.unit(), 0, &mut rng, &mut first);
                guide = (guide.0 + first.0, guide.1 + first.1, guide.2 + first.2);
                sum = sum + c.min(V(12.0, 12.0, 12.0)) * a;
                alpha += a;
            }
            let k = 1.0 / self.spp as f32;
            pixels.push((sum * (1.0 / alpha.max(1e-3)), guide.0 * k, guide.1 * k, guide.2 * k, alpha * k));
        } }
        if self.smooth { for step in [1, 2] { pixels = self.filter(&pixels, step); } }
        let mut out = Vec::with_capacity(pixels.len() * 4);
        for (c, _, _, _, alpha) in pixels {
            let c = c * self.exposure;
            let plain = matches!(self.mode, 2 | 3);
            for k in 0..3 {
                let v = c.at(k).max(0.0);
                let v = if self.filmic && !plain { 1.0 - (-v * 1.25).exp() } else { v.min(1.0) };
                let v = if self.mode == 3 { v } else if v <= 0.0031308 { v * 12.92 } else { 1.055 * v.powf(1.0 / 2.4) - 0.055 };
                out.push((v * 255.0 + 0.5) as u8);
            }
            out.push((alpha * 255.0 + 0.5) as u8);
        }
        out
    }
}

fn main() -> io::Result<()> {
    let (mut stdin, mut stdout) = (io::stdin().lock(), io::stdout().lock());
    loop {
        let mut head = [0u8; 16];
        if stdin.read_exact(&mut head).is_err() { return Ok(()); }
        let (len, seed) = (u64::from_le_bytes(head[..8].try_into().unwrap()), u64::from_le_bytes(head[8..].try_into().unwrap()));
        let mut bytes = vec![0u8; len as usize];
        stdin.read_exact(&mut bytes)?;
        let scene = Scene::read(&mut Input { bytes, at: 0 });
        stdout.write_all(&scene.render(seed))?;
        stdout.flush()?;
    }
}
