//! Light and material: the colour of what a ray met, of the sky, and of the fog between.

use super::city::{
    AVENUE_HALF, BUILDING_LABELS, Building, CELL_X, CELL_Z, City, Hit, PAVEMENT, STREET_HALF,
    Surface,
};
use super::geometry::{
    Aabb, Ray, Vec3, cloudy_noise, hash, mix, mix3, smoothstep, unit, value_noise, vec3,
};

/// Toward the sun: low, ahead of the camera and to its left.
const SUN: Vec3 = vec3(-0.232, 0.287, 0.929_4);
const SUNLIGHT: Vec3 = vec3(7.0, 4.5, 2.3);
const UP: Vec3 = vec3(0.0, 1.0, 0.0);
/// No shadow is looked for beyond this many metres, and none is cast from further than that.
const SHADOW_REACH: f32 = 500.0;
/// Height in metres of the shops at the foot of a building, and of the cornice at its top.
const SHOP_HEIGHT: f32 = 4.6;
const CORNICE: f32 = 1.2;

/// The label colour of the sky; the labels of things are in the manner of the Cityscapes palette.
pub const SKY_LABEL: [u8; 3] = [70, 130, 180];
const ROAD_LABEL: [u8; 3] = [128, 64, 128];
const PAVEMENT_LABEL: [u8; 3] = [244, 35, 232];
const GRASS_LABEL: [u8; 3] = [152, 251, 152];
const TREE_LABEL: [u8; 3] = [107, 142, 35];
const LAMP_LABEL: [u8; 3] = [153, 153, 153];
const CAR_LABEL: [u8; 3] = [0, 0, 142];
/// Buildings: six hues, then the same darker, paler and deeper.
const BUILDING_COLORS: [[u8; 3]; BUILDING_LABELS] = [
    [230, 60, 50],
    [240, 150, 40],
    [225, 220, 70],
    [40, 170, 90],
    [60, 200, 215],
    [120, 90, 235],
    [220, 220, 120],
    [20, 110, 60],
    [30, 120, 135],
    [70, 50, 150],
    [140, 35, 30],
    [150, 95, 25],
    [150, 225, 235],
    [185, 165, 245],
    [245, 150, 145],
    [250, 205, 150],
    [235, 235, 190],
    [140, 215, 170],
    [95, 30, 60],
    [90, 60, 30],
    [100, 100, 30],
    [20, 75, 60],
    [30, 60, 90],
    [60, 30, 90],
];

/// What kind of ground is underfoot.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Underfoot {
    Road,
    Pavement,
    Grass,
}

/// Distances in metres of a place in a cell from the nearest avenue's middle and the nearest street's.
fn from_roads(place: Vec3) -> (f32, f32) {
    (place.x.min(CELL_X - place.x), place.z.min(CELL_Z - place.z))
}

fn underfoot(city: &City, hit: &Hit<'_>, place: Vec3) -> Underfoot {
    let (avenue, street) = from_roads(place);
    if avenue < AVENUE_HALF || street < STREET_HALF {
        Underfoot::Road
    } else if avenue < AVENUE_HALF + PAVEMENT
        || street < STREET_HALF + PAVEMENT
        || !city.is_park(hit.cell)
    {
        Underfoot::Pavement
    } else {
        Underfoot::Grass
    }
}

/// The flat colour that stands for the thing met, and a number that tells it from its neighbours.
pub fn label(city: &City, ray: &Ray, hit: &Hit<'_>) -> ([u8; 3], u32) {
    let color = match hit.surface {
        Surface::Ground => match underfoot(city, hit, ray.at(hit.contact.t) - hit.cell) {
            Underfoot::Road => return (ROAD_LABEL, 1),
            Underfoot::Pavement => return (PAVEMENT_LABEL, 2),
            Underfoot::Grass => return (GRASS_LABEL, 3),
        },
        Surface::Building(building, _) => BUILDING_COLORS[usize::from(building.label)],
        Surface::Leaves | Surface::Trunk => TREE_LABEL,
        Surface::LampPost | Surface::LampHead => LAMP_LABEL,
        Surface::CarPaint
        | Surface::CarGlass
        | Surface::CarWheel
        | Surface::HeadLight
        | Surface::TailLight => CAR_LABEL,
    };
    (color, hit.id)
}

/// The light arriving from the sky along `direction`, without clouds or the sun's disk.
fn clear_sky(direction: Vec3) -> Vec3 {
    let height = direction.y.max(0.0);
    let toward_sun = direction.dot(SUN).max(0.0);
    let horizon = mix3(
        vec3(0.50, 0.49, 0.56),
        vec3(1.25, 0.78, 0.42),
        toward_sun * toward_sun * toward_sun,
    );
    let zenith = vec3(0.12, 0.25, 0.52);
    let sky = mix3(horizon, zenith, 1.0 - (1.0 - height.sqrt()).powi(2));
    sky + vec3(1.0, 0.62, 0.28) * (0.35 * toward_sun.powi(12) + 0.9 * toward_sun.powi(160))
}

/// The colour of the sky along `direction`: gradient, clouds and the sun.
pub fn sky(direction: Vec3) -> Vec3 {
    let mut color = clear_sky(direction);
    if direction.y > 0.015 {
        let overhead = 1.0 / (direction.y + 0.08);
        let cover = cloudy_noise(
            direction.x * overhead * 1.1 + 7.0,
            direction.z * overhead * 0.7,
            5,
        );
        let thick = smoothstep(0.46, 0.78, cover) * smoothstep(0.015, 0.16, direction.y);
        let toward_sun = direction.dot(SUN).max(0.0).powi(4);
        let lit = mix3(vec3(0.66, 0.60, 0.64), vec3(1.9, 1.25, 0.78), toward_sun);
        color = mix3(color, lit, 0.75 * thick);
    }
    let disk = smoothstep(0.999_5, 0.999_7, direction.dot(SUN));
    color + vec3(14.0, 10.0, 6.0) * disk
}

/// Fog over `distance` metres along a ray.
pub fn fogged(color: Vec3, direction: Vec3, distance: f32) -> Vec3 {
    let haze = clear_sky(vec3(direction.x, 0.03, direction.z)) * 0.92;
    mix3(haze, color, clearness(distance))
}

/// The share of light that crosses `distance` metres of fog.
pub fn clearness(distance: f32) -> f32 {
    let thickness = distance / 620.0;
    (-thickness * thickness.sqrt()).exp()
}

/// The filmic curve of Krzysztof Narkowicz, "ACES filmic tone mapping curve" (2016).
pub fn tone_mapped(color: Vec3) -> Vec3 {
    (color * 0.72)
        .map(|x| ((x * (2.51 * x + 0.03)) / (x * (2.43 * x + 0.59) + 0.14)).clamp(0.0, 1.0))
}

/// The share of an interval of width `blur` around `x` that lies in `low..high`.
fn band(x: f32, low: f32, high: f32, blur: f32) -> f32 {
    let blur = blur.max(1e-4);
    ((high.min(x + blur / 2.0) - low.max(x - blur / 2.0)) / blur).clamp(0.0, 1.0)
}

/// The share of an interval of width `blur` around `x` that is on, in a train of pulses a unit apart, each on
/// for `on` of that unit, centred in it.
fn pulses(x: f32, on: f32, blur: f32) -> f32 {
    let blur = blur.max(1e-4);
    let sum = |x: f32| x.floor() * on + (x - x.floor() - (1.0 - on) / 2.0).clamp(0.0, on);
    ((sum(x + blur / 2.0) - sum(x - blur / 2.0)) / blur).clamp(0.0, 1.0)
}

/// What a material adds up to before it is lit.
struct Material {
    albedo: Vec3,
    /// Light that does not depend on the sun: lamps, windows, mirrored sky.
    glow: Vec3,
    /// How open to the sky the place is, from 0 to 1.
    openness: f32,
}

/// A point being shaded.
struct Spot<'a> {
    ray: &'a Ray,
    /// The place in the grid cell.
    place: Vec3,
    normal: Vec3,
    /// Width in metres of the sample's footprint on a surface that faces the camera.
    footprint: f32,
}

impl Spot<'_> {
    /// Extent of the footprint in metres along an axis of the surface, `along` being the ray's direction on it.
    fn extent(&self, along: f32) -> f32 {
        let steepness = self.ray.direction.dot(self.normal).abs().max(0.02);
        self.footprint * (1.0 + (along / steepness) * (along / steepness)).sqrt()
    }

    /// Noise with features `size` metres wide, around 0, that fades before it would flicker.
    fn grain(&self, u: f32, v: f32, size: f32) -> f32 {
        let fade = 1.0 - smoothstep(0.3 * size, 1.2 * size, self.footprint);
        if fade == 0.0 {
            return 0.0;
        }
        fade * (value_noise(u / size, v / size) - 0.5)
    }

    /// What a pane mirrors: the sky above, the dim city below.
    fn mirrored(&self, wobble: f32) -> Vec3 {
        let mut direction = self.ray.direction.reflected(self.normal);
        direction.y += wobble;
        let city = vec3(0.13, 0.115, 0.11);
        mix3(
            city,
            clear_sky(direction),
            smoothstep(-0.02, 0.30, direction.y),
        )
    }

    fn fresnel(&self, facing: f32) -> f32 {
        let grazing = 1.0 - self.ray.direction.dot(self.normal).abs();
        facing + (1.0 - facing) * grazing.powi(5)
    }
}

/// The light that leaves the point met toward the camera, through the fog.
///
/// `angle` is the width of a sample in radians.
pub fn shade(city: &City, ray: &Ray, hit: &Hit<'_>, seconds: f32, angle: f32) -> Vec3 {
    let distance = hit.contact.t;
    let point = ray.at(distance);
    let spot = Spot {
        ray,
        place: point - hit.cell,
        normal: hit.contact.normal,
        footprint: distance * angle,
    };
    let paint = unit(hash(&[hit.id, 9]));
    let plain = |albedo: Vec3| Material {
        albedo,
        glow: Vec3::default(),
        openness: 0.8,
    };
    let mut normal = spot.normal;
    let material = match hit.surface {
        Surface::Ground => ground(&spot, underfoot(city, hit, spot.place), point),
        Surface::Building(building, shape) => {
            if normal.y > 0.5 {
                roof(&spot, building, shape)
            } else {
                wall(&spot, building, shape)
            }
        }
        Surface::Leaves => {
            let clump = [(point.x, point.y), (point.y, point.z), (point.z, point.x)]
                .into_iter()
                .map(|(u, v)| 0.75 * spot.grain(u, v, 0.26))
                .sum::<f32>();
            normal = (normal + vec3(clump, clump * 0.7, -clump)).normalized();
            let green = mix3(
                vec3(0.07, 0.15, 0.03),
                vec3(0.28, 0.17, 0.03),
                paint * paint,
            );
            let through = SUN.dot(-normal).max(0.0);
            Material {
                albedo: green * (1.0 + 1.7 * clump).max(0.15),
                glow: green * vec3(0.5, 0.42, 0.15) * through,
                openness: 0.45 + 0.4 * normal.y,
            }
        }
        Surface::Trunk => plain(vec3(0.10, 0.07, 0.05)),
        Surface::LampPost => plain(vec3(0.05, 0.06, 0.06)),
        Surface::LampHead => Material {
            glow: vec3(5.0, 3.6, 1.9),
            ..plain(Vec3::splat(0.3))
        },
        Surface::CarPaint => {
            const PAINTS: [Vec3; 8] = [
                vec3(0.72, 0.72, 0.70),
                vec3(0.03, 0.03, 0.035),
                vec3(0.45, 0.03, 0.02),
                vec3(0.30, 0.32, 0.34),
                vec3(0.03, 0.09, 0.30),
                vec3(0.85, 0.55, 0.04),
                vec3(0.12, 0.13, 0.14),
                vec3(0.60, 0.58, 0.52),
            ];
            Material {
                glow: spot.mirrored(0.0) * (0.35 * spot.fresnel(0.06)),
                ..plain(PAINTS[(paint * PAINTS.len() as f32) as usize])
            }
        }
        Surface::CarGlass => Material {
            glow: spot.mirrored(0.0) * (0.8 * spot.fresnel(0.12)),
            ..plain(Vec3::splat(0.02))
        },
        Surface::CarWheel => plain(Vec3::splat(0.025)),
        Surface::HeadLight => Material {
            glow: vec3(7.0, 6.4, 5.2),
            ..plain(Vec3::splat(0.5))
        },
        Surface::TailLight => Material {
            glow: vec3(3.2, 0.12, 0.06),
            ..plain(vec3(0.4, 0.02, 0.02))
        },
    };
    let facing = normal.dot(SUN);
    let mut light = ambient(normal) * material.openness;
    let mut glint = Vec3::default();
    if facing > 0.0 && distance < SHADOW_REACH * 2.0 {
        let toward_sun = Ray::new(point + spot.normal * 0.02, SUN);
        if !city.blocks_light(&toward_sun, seconds, SHADOW_REACH) {
            light = light + SUNLIGHT * facing;
            if matches!(hit.surface, Surface::Ground) {
                let mirror = ray.direction.reflected(UP).dot(SUN).max(0.0);
                glint = SUNLIGHT * (0.06 * mirror.powi(18));
            }
        }
    }
    fogged(
        material.albedo * light + material.glow + glint,
        ray.direction,
        distance,
    )
}

/// Light from the whole sky and from the streets, for a surface with this normal.
fn ambient(normal: Vec3) -> Vec3 {
    let from_sky = mix3(
        vec3(0.30, 0.27, 0.26),
        vec3(0.62, 0.74, 1.0),
        0.5 + 0.5 * normal.y,
    );
    from_sky + vec3(0.34, 0.22, 0.12) * (0.5 + 0.5 * normal.dot(SUN)).powi(2)
}

fn ground(spot: &Spot<'_>, kind: Underfoot, world: Vec3) -> Material {
    let (avenue, street) = from_roads(spot.place);
    let blur_x = spot.extent(spot.ray.direction.x);
    let blur_z = spot.extent(spot.ray.direction.z);
    let patches = value_noise(world.x * 0.13, world.z * 0.09) - 0.5;
    let canyon = 0.62 + 0.38 * smoothstep(AVENUE_HALF + PAVEMENT, 0.0, avenue.min(street + 4.0));
    let mut albedo = match kind {
        Underfoot::Road => {
            let gravel = spot.grain(world.x, world.z, 0.12) + spot.grain(world.x, world.z, 0.5);
            let asphalt = vec3(0.085, 0.085, 0.092) * (1.0 + 0.5 * patches + 0.5 * gravel);
            let (white, yellow) = markings(spot.place, (avenue, street), (blur_x, blur_z));
            let worn = 1.0 + 0.5 * spot.grain(world.x, world.z, 0.3);
            let lined = mix3(asphalt, vec3(0.62, 0.62, 0.60) * worn, white);
            mix3(lined, vec3(0.62, 0.42, 0.06) * worn, yellow)
        }
        Underfoot::Pavement => {
            let slab = hash(&[
                (world.x / 1.5).floor() as i32 as u32,
                (world.z / 1.5).floor() as i32 as u32,
            ]);
            let near = 1.0 - smoothstep(0.4, 1.5, blur_x.max(blur_z));
            let shade = 1.0 + 0.16 * near * (unit(slab) - 0.5) + 0.2 * patches;
            let joints = pulses(world.x / 1.5, 0.96, blur_x / 1.5)
                * pulses(world.z / 1.5, 0.96, blur_z / 1.5);
            let kerb = band(avenue, AVENUE_HALF, AVENUE_HALF + 0.3, blur_x).max(band(
                street,
                STREET_HALF,
                STREET_HALF + 0.3,
                blur_z,
            ));
            mix3(
                vec3(0.29, 0.275, 0.26) * (shade * mix(0.55, 1.0, joints)),
                vec3(0.46, 0.45, 0.43),
                kerb,
            )
        }
        Underfoot::Grass => {
            let blades = spot.grain(world.x, world.z, 0.15) + spot.grain(world.x, world.z, 0.7);
            vec3(0.10, 0.19, 0.045) * (1.0 + 0.7 * patches + 0.6 * blades)
        }
    };
    albedo = albedo.map(|c| c.max(0.0));
    Material {
        albedo,
        glow: Vec3::default(),
        openness: canyon,
    }
}

/// How much of the spot is white paint and how much yellow.
fn markings(place: Vec3, (avenue, street): (f32, f32), (blur_x, blur_z): (f32, f32)) -> (f32, f32) {
    let mut white = 0.0_f32;
    let mut yellow = 0.0_f32;
    if street > STREET_HALF + PAVEMENT {
        yellow = band(avenue, 0.12, 0.27, blur_x);
        let dashes = pulses(place.z / 9.0, 0.38, blur_z / 9.0);
        white = band(avenue, 3.48, 3.63, blur_x) * dashes
            + band(avenue, 7.35, 7.47, blur_x)
            + band(street, 10.6, 11.0, blur_z) * band(avenue, 0.4, 7.4, blur_x);
    } else if avenue < AVENUE_HALF && street > STREET_HALF {
        white = band(street, 6.7, 9.9, blur_z) * pulses(avenue / 1.25, 0.5, blur_x / 1.25);
    } else if avenue > AVENUE_HALF && avenue < AVENUE_HALF + PAVEMENT {
        white = band(avenue, 10.7, 13.9, blur_x) * pulses(street / 1.25, 0.5, blur_z / 1.25);
    } else if avenue > AVENUE_HALF {
        yellow = band(street, -0.08, 0.08, blur_z) * pulses(place.x / 6.0, 0.5, blur_x / 6.0);
    }
    (white.min(1.0), yellow)
}

fn roof(spot: &Spot<'_>, building: &Building, shape: &Aabb) -> Material {
    let inward = |at: f32, low: f32, high: f32| (at - low).min(high - at);
    let from_rim = inward(spot.place.x, shape.min.x, shape.max.x).min(inward(
        spot.place.z,
        shape.min.z,
        shape.max.z,
    ));
    let rim = 1.0 - smoothstep(0.45, 0.45 + spot.footprint + 0.02, from_rim);
    let stain = 0.5 * spot.grain(spot.place.x, spot.place.z, 2.5)
        + spot.grain(spot.place.x, spot.place.z, 0.4);
    let felt =
        vec3(0.20, 0.19, 0.18) * (0.8 + 0.6 * unit(hash(&[building.seed, 31])) + 0.5 * stain);
    Material {
        albedo: mix3(felt, building.facade.wall, rim),
        glow: Vec3::default(),
        openness: mix(0.75, 1.0, smoothstep(0.3, 2.5, from_rim)),
    }
}

fn wall(spot: &Spot<'_>, building: &Building, shape: &Aabb) -> Material {
    let facade = &building.facade;
    let (place, direction) = (spot.place, spot.ray.direction);
    let (side, u, width, along) = if spot.normal.x.abs() > 0.5 {
        let side = u32::from(spot.normal.x > 0.0);
        (
            side,
            place.z - shape.min.z,
            shape.max.z - shape.min.z,
            direction.z,
        )
    } else {
        let side = 2 + u32::from(spot.normal.z > 0.0);
        (
            side,
            place.x - shape.min.x,
            shape.max.x - shape.min.x,
            direction.x,
        )
    };
    let (v, height) = (place.y - shape.min.y, shape.max.y - shape.min.y);
    let (blur_u, blur_v) = (spot.extent(along), spot.extent(direction.y));

    let streaks = spot.grain(u + 31.0 * side as f32, v * 0.12, 0.8);
    let weathered =
        1.0 + 0.22 * streaks + 0.24 * spot.grain(u, v * 2.0, 0.22) + 0.2 * spot.grain(u, v, 4.0);
    let mut albedo = facade.wall * weathered;
    let mut glow = Vec3::default();
    let openness = mix(0.42, 0.95, smoothstep(0.0, 38.0, place.y));

    let is_hut = width < 6.0 || height < 4.0;
    let shop = if shape.min.y == 0.0 { SHOP_HEIGHT } else { 0.0 };
    let floors = ((height - shop - CORNICE) / facade.bay.1).floor();
    if !is_hut && v < shop {
        return shopfront(spot, building, (side, u, v), (blur_u, blur_v), openness);
    }
    if !is_hut && floors >= 1.0 {
        let margin = 0.5;
        let bays = ((width - 2.0 * margin) / facade.bay.0).round().max(1.0);
        let bay_width = (width - 2.0 * margin) / bays;
        let floor_height = (height - shop - CORNICE) / floors;
        let (bay, floor) = ((u - margin) / bay_width, (v - shop) / floor_height);
        let (blur_bay, blur_floor) = (blur_u / bay_width, blur_v / floor_height);
        let inside = band(bay, 0.0, bays, blur_bay) * band(floor, 0.0, floors, blur_floor);
        let glass = inside
            * pulses(bay, facade.window.0, blur_bay)
            * pulses(floor, facade.window.1, blur_floor);
        let near = 1.0 - smoothstep(0.5, 1.4, blur_bay.max(blur_floor));
        // A slab edge under every floor, and a sill under every window.
        let ledge = inside * pulses(floor + 0.5, 0.07, blur_floor);
        albedo = mix3(albedo, facade.wall * 1.25, 0.6 * ledge);
        if v > height - CORNICE {
            albedo = facade.wall * 1.15 * weathered;
        }
        if glass > 0.0 {
            let pane = hash(&[
                building.seed,
                side,
                floor.floor() as i32 as u32,
                bay.floor() as i32 as u32,
                (shape.min.y * 8.0) as u32,
            ]);
            let sash = pulses(bay + 0.5, 0.045 * 2.4 / bay_width, blur_bay);
            let sill = floor - floor.floor();
            let lit = pane_light(pane, facade.lit, near, sill);
            let mirror = spot.fresnel(facade.mirror);
            let wobble = near * 0.10 * (unit(hash(&[pane, 2])) - 0.5);
            let shine = spot.mirrored(wobble) * (mirror * openness.max(0.6));
            let tint = mix(1.0, 0.6 + 0.8 * unit(hash(&[pane, 3])), near);
            let glass = glass * (1.0 - 0.8 * sash);
            // The lintel's shade on the upper edge of a recessed pane.
            let shade = mix(
                1.0,
                1.0 - 0.55
                    * smoothstep(
                        0.5 + 0.36 * facade.window.1,
                        0.5 + 0.5 * facade.window.1,
                        sill,
                    ),
                near,
            );
            albedo = mix3(albedo, facade.glass * tint, glass);
            glow = (lit + shine * shade) * glass;
        }
    }
    Material {
        albedo: albedo.map(|c| c.max(0.0)),
        glow,
        openness,
    }
}

/// Light from a room: one room's own when near, the building's average when far.
fn pane_light(pane: u32, share: f32, near: f32, sill: f32) -> Vec3 {
    let warm = vec3(1.5, 0.92, 0.42);
    let tone = mix3(
        warm,
        vec3(1.0, 1.05, 1.1),
        smoothstep(0.7, 0.9, unit(hash(&[pane, 4]))),
    );
    let bright = mix(0.5, 1.5, unit(hash(&[pane, 5]))) * mix(0.65, 1.2, sill);
    let own = if unit(hash(&[pane, 1])) < share {
        tone * bright
    } else {
        Vec3::default()
    };
    mix3(warm * share, own, near)
}

fn shopfront(
    spot: &Spot<'_>,
    building: &Building,
    (side, u, v): (u32, f32, f32),
    (blur_u, blur_v): (f32, f32),
    openness: f32,
) -> Material {
    const AWNINGS: [Vec3; 6] = [
        vec3(0.45, 0.05, 0.04),
        vec3(0.05, 0.22, 0.12),
        vec3(0.06, 0.12, 0.32),
        vec3(0.55, 0.42, 0.12),
        vec3(0.10, 0.10, 0.11),
        vec3(0.50, 0.48, 0.44),
    ];
    let shop_width = 5.2;
    let shop = hash(&[
        building.seed,
        77,
        side,
        (u / shop_width).floor() as i32 as u32,
    ]);
    let sign = AWNINGS[(unit(shop) * AWNINGS.len() as f32) as usize];
    let near = 1.0 - smoothstep(1.0, 4.0, blur_u);
    let sign_band = band(v, 3.1, 4.0, blur_v);
    let window =
        band(v, 0.6, 3.0, blur_v) * pulses(u / shop_width * 3.0, 0.88, blur_u / shop_width * 3.0);
    let open = if unit(hash(&[shop, 1])) < 0.7 {
        1.0
    } else {
        0.08
    };
    let goods = 0.85 + 0.6 * spot.grain(u * 1.7, v * 0.6, 0.35);
    let lit = vec3(1.25, 0.86, 0.46) * (mix(0.5, open, near) * goods);
    let stone = building.facade.wall * 0.7;
    Material {
        albedo: mix3(mix3(stone, sign, sign_band), Vec3::splat(0.03), window),
        glow: lit * window + sign * (0.35 * open * sign_band),
        openness: openness.max(0.5),
    }
}
