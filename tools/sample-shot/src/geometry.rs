//! Vectors, rays, boxes, spheres and the hashes that stand in for randomness.

use std::ops::{Add, Mul, Neg, Sub};

/// Three numbers: a place in metres (x to the right, y up, z along the avenue), a direction or a linear colour.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Vec3 {
    pub x: f32,
    pub y: f32,
    pub z: f32,
}

pub const fn vec3(x: f32, y: f32, z: f32) -> Vec3 {
    Vec3 { x, y, z }
}

impl Vec3 {
    pub const fn splat(value: f32) -> Self {
        vec3(value, value, value)
    }

    pub fn dot(self, other: Self) -> f32 {
        self.x * other.x + self.y * other.y + self.z * other.z
    }

    pub fn normalized(self) -> Self {
        self * self.dot(self).sqrt().recip()
    }

    pub fn map(self, f: impl Fn(f32) -> f32) -> Self {
        vec3(f(self.x), f(self.y), f(self.z))
    }

    /// This direction mirrored by a surface with the given normal.
    pub fn reflected(self, normal: Self) -> Self {
        self - normal * (2.0 * self.dot(normal))
    }
}

impl Add for Vec3 {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        vec3(self.x + other.x, self.y + other.y, self.z + other.z)
    }
}

impl Sub for Vec3 {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        vec3(self.x - other.x, self.y - other.y, self.z - other.z)
    }
}

impl Mul for Vec3 {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        vec3(self.x * other.x, self.y * other.y, self.z * other.z)
    }
}

impl Mul<f32> for Vec3 {
    type Output = Self;
    fn mul(self, factor: f32) -> Self {
        vec3(self.x * factor, self.y * factor, self.z * factor)
    }
}

impl Neg for Vec3 {
    type Output = Self;
    fn neg(self) -> Self {
        self * -1.0
    }
}

pub fn mix(from: f32, to: f32, amount: f32) -> f32 {
    from + (to - from) * amount
}

pub fn mix3(from: Vec3, to: Vec3, amount: f32) -> Vec3 {
    from + (to - from) * amount
}

pub fn smoothstep(low: f32, high: f32, value: f32) -> f32 {
    let x = ((value - low) / (high - low)).clamp(0.0, 1.0);
    x * x * (3.0 - 2.0 * x)
}

/// `f32::min` without its care for NaN, which costs the slab test half its speed.
fn lesser(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

/// `f32::max` without its care for NaN.
fn greater(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

/// A half line, with the reciprocal of its direction kept for slab tests.
#[derive(Clone, Copy, Debug)]
pub struct Ray {
    pub origin: Vec3,
    pub direction: Vec3,
    inverse: Vec3,
}

impl Ray {
    /// `direction` has length one. A component of zero is nudged, so that no slab test divides zero by zero.
    pub fn new(origin: Vec3, direction: Vec3) -> Self {
        let direction = direction.map(|d| if d.abs() < 1e-7 { 1e-7 } else { d });
        let inverse = direction.map(f32::recip);
        Self {
            origin,
            direction,
            inverse,
        }
    }

    pub fn at(&self, t: f32) -> Vec3 {
        self.origin + self.direction * t
    }

    /// The same ray seen from a place `offset` away from the world's origin.
    pub fn seen_from(&self, offset: Vec3) -> Self {
        Self {
            origin: self.origin - offset,
            ..*self
        }
    }

    pub fn inverse(&self) -> Vec3 {
        self.inverse
    }
}

/// Where a ray met something: the distance in metres and the surface's normal there.
#[derive(Clone, Copy, Debug)]
pub struct Contact {
    pub t: f32,
    pub normal: Vec3,
}

/// An axis-aligned box.
#[derive(Clone, Copy, Debug)]
pub struct Aabb {
    pub min: Vec3,
    pub max: Vec3,
}

impl Aabb {
    pub const fn new(min: Vec3, max: Vec3) -> Self {
        Self { min, max }
    }

    /// A box standing at height `floor` with its centre over (x, z).
    pub fn standing(center: (f32, f32), half: (f32, f32), floor: f32, top: f32) -> Self {
        Self::new(
            vec3(center.0 - half.0, floor, center.1 - half.1),
            vec3(center.0 + half.0, top, center.1 + half.1),
        )
    }

    /// Where the ray crosses the near side of each pair of faces, and where it enters and leaves the box.
    fn slabs(&self, ray: &Ray) -> (Vec3, f32, f32) {
        let low = (self.min - ray.origin) * ray.inverse;
        let high = (self.max - ray.origin) * ray.inverse;
        let near = vec3(
            lesser(low.x, high.x),
            lesser(low.y, high.y),
            lesser(low.z, high.z),
        );
        let enter = greater(greater(near.x, near.y), near.z);
        let leave = lesser(
            lesser(greater(low.x, high.x), greater(low.y, high.y)),
            greater(low.z, high.z),
        );
        (near, enter, leave)
    }

    /// Whether the ray passes through the box before `limit`.
    pub fn touches(&self, ray: &Ray, limit: f32) -> bool {
        let (_, enter, leave) = self.slabs(ray);
        enter <= leave && leave > 0.0 && enter < limit
    }

    /// Where the ray enters the box, if that is ahead of it and before `limit`.
    pub fn hit(&self, ray: &Ray, limit: f32) -> Option<Contact> {
        let (near, enter, leave) = self.slabs(ray);
        if enter > leave || enter <= 0.0 || enter >= limit {
            return None;
        }
        let normal = if enter == near.x {
            vec3(-ray.direction.x.signum(), 0.0, 0.0)
        } else if enter == near.y {
            vec3(0.0, -ray.direction.y.signum(), 0.0)
        } else {
            vec3(0.0, 0.0, -ray.direction.z.signum())
        };
        Some(Contact { t: enter, normal })
    }
}

/// A ball.
#[derive(Clone, Copy, Debug)]
pub struct Sphere {
    pub center: Vec3,
    pub radius: f32,
}

impl Sphere {
    /// Where the ray enters the ball, if that is ahead of it and before `limit`.
    pub fn hit(&self, ray: &Ray, limit: f32) -> Option<Contact> {
        let from_center = ray.origin - self.center;
        let half_b = from_center.dot(ray.direction);
        let closest = from_center - ray.direction * half_b;
        let under_root = self.radius * self.radius - closest.dot(closest);
        if under_root <= 0.0 {
            return None;
        }
        let t = -half_b - under_root.sqrt();
        (t > 0.0 && t < limit).then(|| Contact {
            t,
            normal: (ray.at(t) - self.center) * self.radius.recip(),
        })
    }
}

/// A number that looks random, the same for the same words.
pub fn hash(words: &[u32]) -> u32 {
    words.iter().fold(0x9e37_79b9, |state, &word| {
        // The output step of the PCG family (O'Neill 2014), used as a hash by Jarzynski and Olano (JCGT 2020).
        let mixed = (state ^ word)
            .wrapping_mul(747_796_405)
            .wrapping_add(2_891_336_453);
        let turned = ((mixed >> ((mixed >> 28) + 4)) ^ mixed).wrapping_mul(277_803_737);
        (turned >> 22) ^ turned
    })
}

/// A hash as a number from 0 to just under 1.
pub fn unit(hash: u32) -> f32 {
    (hash >> 8) as f32 / 16_777_216.0
}

/// Smooth noise from 0 to 1 with features one unit wide.
pub fn value_noise(x: f32, y: f32) -> f32 {
    let (x0, y0) = (x.floor(), y.floor());
    let corner = |dx: f32, dy: f32| unit(hash(&[(x0 + dx) as i32 as u32, (y0 + dy) as i32 as u32]));
    let across = smoothstep(0.0, 1.0, x - x0);
    mix(
        mix(corner(0.0, 0.0), corner(1.0, 0.0), across),
        mix(corner(0.0, 1.0), corner(1.0, 1.0), across),
        smoothstep(0.0, 1.0, y - y0),
    )
}

/// Several octaves of [`value_noise`], from 0 to about 1.
pub fn cloudy_noise(x: f32, y: f32, octaves: u32) -> f32 {
    let (mut sum, mut weight, mut scale) = (0.0, 0.5, 1.0);
    for _ in 0..octaves {
        sum += weight * value_noise(x * scale, y * scale);
        weight *= 0.5;
        scale *= 2.03;
    }
    sum
}
