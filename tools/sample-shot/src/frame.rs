//! One frame: the camera, the samples of each pixel, and the five pictures made of them.

use image::{GrayImage, ImageBuffer, Luma, Rgb, RgbImage, Rgba, RgbaImage, imageops};

use super::city::City;
use super::geometry::{Ray, Vec3, hash, mix3, unit, vec3};
use super::shading::{SKY_LABEL, clearness, label, shade, sky, tone_mapped};

/// Vertical field of view in radians.
const FIELD_OF_VIEW: f32 = 0.86;
/// Depth is `DEPTH_HALF / (DEPTH_HALF + z)`, so half white at this many metres.
const DEPTH_HALF: f32 = 45.0;
/// A second round of samples, on a rotated grid, for the pixels that need it.
const SUBPIXELS: [(f32, f32); 4] = [
    (-0.125, -0.375),
    (0.375, -0.125),
    (0.125, 0.375),
    (-0.375, 0.125),
];

/// What a frame looks like beyond its size and moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Look {
    /// Strength of a path tracer's grain: 0 is clean, 0.2 a quick preview, 1 hardly a picture.
    pub noise: f32,
    /// Whether the sky is left out of color (alpha 0) rather than painted.
    pub transparent_sky: bool,
}

/// The five modalities of one moment, pixel for pixel aligned.
pub struct Frame {
    /// The picture, anti-aliased; straight alpha.
    pub color: RgbaImage,
    /// Nearness: 65535 at the camera, half of it 45 m away, 0 for the sky and only there.
    pub depth: ImageBuffer<Luma<u16>, Vec<u16>>,
    /// A flat colour for each object, never blended.
    pub segmentation: RgbImage,
    /// White outlines on black, where objects, faces or distances part.
    pub edge: GrayImage,
    /// Color over black, blurred by a Gaussian of a ninetieth of the height.
    pub vis: RgbImage,
}

/// What was met in the middle of a pixel.
#[derive(Clone, Copy)]
struct Sample {
    color: Vec3,
    /// 1 / metres in front of the camera; 0 for the sky.
    nearness: f32,
    id: u32,
    face: u8,
    label: [u8; 3],
}

struct Camera {
    eye: Vec3,
    right: Vec3,
    up: Vec3,
    forward: Vec3,
    /// Width of a pixel one metre away.
    pixel: f32,
    center: (f32, f32),
}

impl Camera {
    /// A crane shot: along an avenue, rising and turning.
    fn at(seconds: f32, width: u32, height: u32) -> Self {
        let eye = vec3(
            1.0 + 3.5 * (0.5 * seconds).sin(),
            23.0 - 13.5 * (0.42 * seconds).cos(),
            20.0 + 13.0 * seconds,
        );
        let yaw = 0.03 - 0.20 * (0.55 * seconds + 0.5).cos();
        let pitch = 0.055 - 0.0085 * (eye.y - 9.5);
        let forward = vec3(
            yaw.sin() * pitch.cos(),
            pitch.sin(),
            yaw.cos() * pitch.cos(),
        );
        let right = vec3(yaw.cos(), 0.0, -yaw.sin());
        let up = vec3(
            -yaw.sin() * pitch.sin(),
            pitch.cos(),
            -yaw.cos() * pitch.sin(),
        );
        Self {
            eye,
            right,
            up,
            forward,
            pixel: 2.0 * (FIELD_OF_VIEW / 2.0).tan() / height as f32,
            center: (width as f32 / 2.0, height as f32 / 2.0),
        }
    }

    fn ray(&self, x: f32, y: f32) -> Ray {
        let across = self.right * ((x - self.center.0) * self.pixel);
        let down = self.up * ((self.center.1 - y) * self.pixel);
        Ray::new(self.eye, (self.forward + across + down).normalized())
    }
}

/// Renders the moment `seconds` into the shot.
pub fn render(city: &City, (width, height): (u32, u32), seconds: f32, look: Look) -> Frame {
    let renderer = Renderer {
        city,
        camera: Camera::at(seconds, width, height),
        seconds,
        width,
        look,
    };
    let mut color = RgbaImage::new(width, height);
    let mut depth = ImageBuffer::new(width, height);
    let mut segmentation = RgbImage::new(width, height);
    let mut edge = GrayImage::new(width, height);
    let encode = display_curve();
    let grain_seed = hash(&[seconds.to_bits()]);

    let mut above: Option<Vec<Sample>> = None;
    let mut here = renderer.row(0);
    for y in 0..height {
        let below = (y + 1 < height).then(|| renderer.row(y + 1));
        for x in 0..width {
            let i = x as usize;
            let sample = here[i];
            let left = i.checked_sub(1).map(|i| here[i]);
            let right = here.get(i + 1).copied();
            let up = above.as_ref().map(|row| row[i]);
            let down = below.as_ref().map(|row| row[i]);

            let around = [left, right, up, down];
            let (mut light, alpha) = if around.iter().flatten().any(|n| sample.jars_with(n)) {
                renderer.refined(x, y, sample)
            } else {
                renderer.alone(sample)
            };
            if look.noise > 0.0 {
                light = grainy(light, look.noise, hash(&[grain_seed, x, y]));
            }
            let level = |c: f32| encode[(c * CURVE_STEPS as f32 + 0.5) as usize];
            color.put_pixel(
                x,
                y,
                Rgba([
                    level(light.x),
                    level(light.y),
                    level(light.z),
                    (alpha * 255.0 + 0.5) as u8,
                ]),
            );
            depth.put_pixel(x, y, Luma([sample.depth()]));
            segmentation.put_pixel(x, y, Rgb(sample.label));
            let outlined = sample.parts_from(left, right) || sample.parts_from(up, down);
            edge.put_pixel(x, y, Luma([if outlined { sample.outline() } else { 0 }]));
        }
        above = Some(here);
        here = below.unwrap_or_default();
    }
    let vis = blurred(&color);
    Frame {
        color,
        depth,
        segmentation,
        edge,
        vis,
    }
}

struct Renderer<'a> {
    city: &'a City,
    camera: Camera,
    seconds: f32,
    width: u32,
    look: Look,
}

impl Renderer<'_> {
    fn row(&self, y: u32) -> Vec<Sample> {
        (0..self.width)
            .map(|x| self.sample(x as f32 + 0.5, y as f32 + 0.5))
            .collect()
    }

    fn sample(&self, x: f32, y: f32) -> Sample {
        let ray = self.camera.ray(x, y);
        let Some(hit) = self.city.trace(&ray, self.seconds) else {
            return Sample {
                color: tone_mapped(sky(ray.direction)),
                nearness: 0.0,
                id: 0,
                face: 0,
                label: SKY_LABEL,
            };
        };
        let light = shade(self.city, &ray, &hit, self.seconds, self.camera.pixel);
        let (label, id) = label(self.city, &ray, &hit);
        let normal = hit.contact.normal;
        let face = if normal.x.abs() == 1.0 {
            1 + u8::from(normal.x > 0.0)
        } else if normal.y.abs() == 1.0 {
            3
        } else if normal.z.abs() == 1.0 {
            4 + u8::from(normal.z > 0.0)
        } else {
            6
        };
        Sample {
            color: tone_mapped(light),
            nearness: 1.0 / (hit.contact.t * ray.direction.dot(self.camera.forward)),
            id,
            face,
            label,
        }
    }

    /// The colour and alpha of a pixel that its middle speaks for.
    fn alone(&self, sample: Sample) -> (Vec3, f32) {
        if self.look.transparent_sky && sample.is_sky() {
            (Vec3::default(), 0.0)
        } else {
            (sample.color, 1.0)
        }
    }

    /// The colour and alpha of a pixel from five samples.
    fn refined(&self, x: u32, y: u32, middle: Sample) -> (Vec3, f32) {
        let (mut sum, mut seen) = (Vec3::default(), 0.0);
        let others =
            SUBPIXELS.map(|(dx, dy)| self.sample(x as f32 + 0.5 + dx, y as f32 + 0.5 + dy));
        for sample in others.into_iter().chain([middle]) {
            let (color, alpha) = self.alone(sample);
            sum = sum + color * alpha;
            seen += alpha;
        }
        if seen == 0.0 {
            return (Vec3::default(), 0.0);
        }
        (sum * (1.0 / seen), seen / (1.0 + SUBPIXELS.len() as f32))
    }
}

impl Sample {
    fn is_sky(&self) -> bool {
        self.nearness == 0.0
    }

    fn brightness(&self) -> f32 {
        self.color.dot(vec3(0.3, 0.59, 0.11)).sqrt()
    }

    /// Whether the step from this pixel to the next would show as a stair.
    fn jars_with(&self, other: &Self) -> bool {
        self.id != other.id
            || self.face != other.face
            || (self.brightness() - other.brightness()).abs() > 0.09
    }

    /// Whether an outline runs here, seen along a row or a column. On a plane the nearness changes evenly from
    /// pixel to pixel, so an uneven change is a step in depth.
    fn parts_from(&self, before: Option<Self>, after: Option<Self>) -> bool {
        let Some(after) = after else { return false };
        if self.id != after.id || self.face != after.face {
            return true;
        }
        let slope = after.nearness - self.nearness;
        let slope_before = before.map_or(slope, |b| self.nearness - b.nearness);
        self.face != 6 && (slope - slope_before).abs() > 0.02 * self.nearness.max(after.nearness)
    }

    /// The brightness of an outline here: fainter in the fog.
    fn outline(&self) -> u8 {
        if self.is_sky() {
            return 255;
        }
        (255.0 * clearness(0.8 / self.nearness)) as u8
    }

    fn depth(&self) -> u16 {
        if self.is_sky() {
            return 0;
        }
        (65_535.0 * DEPTH_HALF / (DEPTH_HALF + 1.0 / self.nearness)) as u16
    }
}

const CURVE_STEPS: usize = 4095;

/// The transfer function of sRGB (IEC 61966-2-1), from linear light in steps to 8 bits.
fn display_curve() -> Vec<u8> {
    (0..=CURVE_STEPS)
        .map(|i| {
            let linear = i as f32 / CURVE_STEPS as f32;
            let encoded = if linear <= 0.003_130_8 {
                12.92 * linear
            } else {
                1.055 * linear.powf(1.0 / 2.4) - 0.055
            };
            (encoded * 255.0 + 0.5) as u8
        })
        .collect()
}

/// The grain of too few paths: its spread grows with the root of the light, and now and then a path hits a lamp.
fn grainy(light: Vec3, amount: f32, seed: u32) -> Vec3 {
    let spread = |n: u32| {
        let part = |k: u32| unit(hash(&[seed, n, k]));
        part(0) + part(1) + part(2) - 1.5
    };
    let common = spread(0);
    let noisy = |c: f32, n: u32| c + amount * (c + 0.003).sqrt() * (0.8 * common + 0.5 * spread(n));
    let grainy = vec3(noisy(light.x, 1), noisy(light.y, 2), noisy(light.z, 3));
    let firefly = unit(hash(&[seed, 4])) < 0.004 * amount;
    let lamp = vec3(1.0, 0.9, 0.7);
    mix3(grainy, lamp, if firefly { 0.8 } else { 0.0 }).map(|c| c.clamp(0.0, 1.0))
}

fn blurred(color: &RgbaImage) -> RgbImage {
    let over_black = RgbImage::from_fn(color.width(), color.height(), |x, y| {
        let Rgba([r, g, b, a]) = *color.get_pixel(x, y);
        Rgb([r, g, b].map(|c| ((u16::from(c) * u16::from(a) + 127) / 255) as u8))
    });
    imageops::fast_blur(&over_black, color.height() as f32 / 90.0)
}
