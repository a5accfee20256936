//! What stands where: the blocks of the city, their buildings, trees, lamps and cars, and what a ray meets.

use super::geometry::{Aabb, Contact, Ray, Sphere, Vec3, hash, mix, unit, value_noise, vec3};

/// Width in metres of a cell of the grid, from the middle of one avenue to the middle of the next.
pub const CELL_X: f32 = 60.0;
/// Length in metres of a cell, from the middle of one cross street to the middle of the next.
pub const CELL_Z: f32 = 72.0;
/// Half the width in metres of an avenue, which runs along z.
pub const AVENUE_HALF: f32 = 10.0;
/// Half the width in metres of a cross street, which runs along x.
pub const STREET_HALF: f32 = 6.0;
/// Width of a pavement in metres.
pub const PAVEMENT: f32 = 4.5;
/// Nothing is seen beyond this many metres.
pub const HORIZON: f32 = 2200.0;
/// Label colours for buildings: four classes of blocks times the lots in a block, so that no two neighbours
/// share one.
pub const BUILDING_LABELS: usize = 4 * LOTS_X * LOTS_Z;

/// Blocks before the city repeats, a multiple of the four label classes.
const PERIOD: usize = 16;
const LOTS_X: usize = 2;
const LOTS_Z: usize = 3;
const CAR_SPACING: f32 = 22.0;
const CAR_HEIGHT: f32 = 1.5;
const CAR_HALF: (f32, f32) = (0.95, 2.25);
/// The middle of the two lanes on each side of an avenue, in metres, and their speeds in metres a second.
const LANES: [(f32, f32); 2] = [(1.9, 11.0), (5.2, 8.0)];

/// What a ray met.
#[derive(Clone, Copy)]
pub struct Hit<'a> {
    pub contact: Contact,
    pub surface: Surface<'a>,
    /// The same for every point of one object, and no other object nearby.
    pub id: u32,
    /// The corner of the grid cell, so that `point - cell` is a place inside the block.
    pub cell: Vec3,
}

#[derive(Clone, Copy)]
pub enum Surface<'a> {
    Ground,
    /// One box of a building.
    Building(&'a Building, &'a Aabb),
    Leaves,
    Trunk,
    LampPost,
    LampHead,
    CarPaint,
    CarGlass,
    CarWheel,
    HeadLight,
    TailLight,
}

/// How the walls of a building look.
pub struct Facade {
    pub wall: Vec3,
    pub glass: Vec3,
    /// Width of a bay and height of a floor in metres.
    pub bay: (f32, f32),
    /// The share of a bay's width and of a floor's height that is glass.
    pub window: (f32, f32),
    /// The share of windows with the light on.
    pub lit: f32,
    /// How much of the sky the glass mirrors.
    pub mirror: f32,
}

pub struct Building {
    pub label: u8,
    pub seed: u32,
    pub facade: Facade,
    bounds: Aabb,
    boxes: Vec<Aabb>,
}

struct Car {
    center: Vec3,
    /// Half the extent along x and z.
    half: (f32, f32),
    /// 1 for a car that points to +z or +x, -1 for the opposite.
    heading: f32,
    seed: u32,
}

enum Prop {
    Tree {
        trunk: Aabb,
        crown: [Sphere; 5],
        seed: u32,
    },
    Lamp {
        post: Aabb,
        arm: Aabb,
        head: Aabb,
        seed: u32,
    },
    Car(Car),
}

/// Props that are skipped together when a ray misses the box around them.
struct Group {
    bounds: Aabb,
    props: Vec<(Aabb, Prop)>,
}

struct Block {
    park: bool,
    height: f32,
    /// Height in metres of the tallest prop.
    prop_height: f32,
    buildings: Vec<Building>,
    groups: Vec<Group>,
}

/// A city without end, grown from a seed.
pub struct City {
    seed: u32,
    height: f32,
    blocks: Vec<Block>,
}

impl City {
    /// Grows the city; the same seed grows the same one.
    #[must_use]
    pub fn new(seed: u32) -> Self {
        let blocks: Vec<Block> = (0..PERIOD * PERIOD)
            .map(|i| Block::new(seed, i % PERIOD, i / PERIOD))
            .collect();
        Self {
            seed,
            height: blocks.iter().map(|b| b.height).fold(0.0, f32::max),
            blocks,
        }
    }

    fn block(&self, ix: i32, iz: i32) -> &Block {
        let wrapped = |i: i32| i.rem_euclid(PERIOD as i32) as usize;
        &self.blocks[wrapped(iz) * PERIOD + wrapped(ix)]
    }

    /// Whether the block whose corner is at `cell` is a park.
    pub fn is_park(&self, cell: Vec3) -> bool {
        let index = |at: f32, size: f32| (at / size).round() as i32;
        self.block(index(cell.x, CELL_X), index(cell.z, CELL_Z))
            .park
    }

    /// The corner of the cell that a point lies in.
    pub fn cell_of(point: Vec3) -> Vec3 {
        vec3(
            (point.x / CELL_X).floor() * CELL_X,
            0.0,
            (point.z / CELL_Z).floor() * CELL_Z,
        )
    }

    /// The nearest thing on the ray, `seconds` into the shot; `None` for the sky.
    pub fn trace(&self, ray: &Ray, seconds: f32) -> Option<Hit<'_>> {
        let mut nearest = Nearest::up_to(HORIZON);
        if ray.direction.y < 0.0 {
            let t = -ray.origin.y / ray.direction.y;
            if t < HORIZON {
                let contact = Contact {
                    t,
                    normal: vec3(0.0, 1.0, 0.0),
                };
                nearest.take(contact, Surface::Ground, 0, Self::cell_of(ray.at(t)));
            }
        }
        self.walk(ray, seconds, &mut nearest);
        nearest.hit
    }

    /// Whether anything stands within `limit` metres of the ray's origin.
    pub fn blocks_light(&self, ray: &Ray, seconds: f32, limit: f32) -> bool {
        let mut nearest = Nearest::up_to(limit);
        nearest.any_will_do = true;
        self.walk(ray, seconds, &mut nearest);
        nearest.hit.is_some()
    }

    /// Visits the cells along the ray (Amanatides and Woo, "A fast voxel traversal algorithm", 1987).
    fn walk<'a>(&'a self, ray: &Ray, seconds: f32, nearest: &mut Nearest<'a>) {
        let (origin, direction, inverse) = (ray.origin, ray.direction, ray.inverse());
        let mut ix = (origin.x / CELL_X).floor() as i32;
        let mut iz = (origin.z / CELL_Z).floor() as i32;
        let (ahead_x, ahead_z) = (i32::from(direction.x > 0.0), i32::from(direction.z > 0.0));
        let mut next_x = ((ix + ahead_x) as f32 * CELL_X - origin.x) * inverse.x;
        let mut next_z = ((iz + ahead_z) as f32 * CELL_Z - origin.z) * inverse.z;
        let mut enter = 0.0;
        while enter < nearest.limit && !nearest.settled() {
            let leave = next_x.min(next_z).min(nearest.limit);
            let (y_in, y_out) = (
                origin.y + direction.y * enter,
                origin.y + direction.y * leave,
            );
            let lowest = y_in.min(y_out);
            if lowest > self.height && direction.y > 0.0 {
                break;
            }
            let block = self.block(ix, iz);
            if lowest < block.height {
                let cell = vec3(ix as f32 * CELL_X, 0.0, iz as f32 * CELL_Z);
                block.meet(&ray.seen_from(cell), lowest, cell, nearest);
            }
            if lowest < CAR_HEIGHT && !nearest.settled() {
                self.meet_traffic(ray, (enter, leave), ix, seconds, nearest);
            }
            if next_x < next_z {
                enter = next_x;
                next_x += CELL_X * inverse.x.abs();
                ix += 2 * ahead_x - 1;
            } else {
                enter = next_z;
                next_z += CELL_Z * inverse.z.abs();
                iz += 2 * ahead_z - 1;
            }
        }
    }

    /// Cars on the move, which belong to avenues rather than to blocks.
    fn meet_traffic<'a>(
        &'a self,
        ray: &Ray,
        (enter, leave): (f32, f32),
        ix: i32,
        seconds: f32,
        nearest: &mut Nearest<'a>,
    ) {
        let roof = (CAR_HEIGHT - ray.origin.y) * ray.inverse().y;
        let (enter, leave) = if ray.direction.y < 0.0 {
            (enter.max(roof), leave)
        } else {
            (enter, leave.min(roof))
        };
        let (from, to) = (ray.at(enter), ray.at(leave));
        let (x_low, x_high) = (from.x.min(to.x), from.x.max(to.x));
        let (z_low, z_high) = (from.z.min(to.z), from.z.max(to.z));
        // Right of its avenue's middle, traffic goes with the camera; left of the next one's, against it.
        for (avenue, heading) in [(ix, 1.0), (ix + 1, -1.0)] {
            for (lane, (offset, speed)) in LANES.into_iter().enumerate() {
                let x = avenue as f32 * CELL_X + heading * offset;
                if x_high < x - CAR_HALF.0 || x_low > x + CAR_HALF.0 {
                    continue;
                }
                let travelled = heading * speed * seconds;
                let slot = |z: f32| ((z - travelled) / CAR_SPACING).floor() as i32;
                for k in slot(z_low - CAR_SPACING)..=slot(z_high + CAR_HALF.1) {
                    let seed = hash(&[
                        self.seed,
                        avenue.rem_euclid(PERIOD as i32) as u32,
                        lane as u32,
                        u32::from(heading > 0.0),
                        k as u32,
                    ]);
                    if unit(seed) > 0.7 {
                        continue;
                    }
                    let along = k as f32 + 0.15 + 0.6 * unit(hash(&[seed]));
                    let car = Car {
                        center: vec3(x, 0.0, along * CAR_SPACING + travelled),
                        half: CAR_HALF,
                        heading,
                        seed,
                    };
                    if car.bounds().touches(ray, nearest.limit) {
                        car.meet(ray, Vec3::default(), nearest);
                    }
                }
            }
        }
    }
}

struct Nearest<'a> {
    limit: f32,
    hit: Option<Hit<'a>>,
    any_will_do: bool,
}

impl<'a> Nearest<'a> {
    fn up_to(limit: f32) -> Self {
        Self {
            limit,
            hit: None,
            any_will_do: false,
        }
    }

    fn settled(&self) -> bool {
        self.any_will_do && self.hit.is_some()
    }

    fn take(&mut self, contact: Contact, surface: Surface<'a>, id: u32, cell: Vec3) {
        self.limit = contact.t;
        self.hit = Some(Hit {
            contact,
            surface,
            id,
            cell,
        });
    }

    fn take_box(&mut self, ray: &Ray, shape: &Aabb, surface: Surface<'a>, id: u32, cell: Vec3) {
        if let Some(contact) = shape.hit(ray, self.limit) {
            self.take(contact, surface, id, cell);
        }
    }
}

impl Block {
    fn new(city: u32, bx: usize, bz: usize) -> Self {
        let seed = hash(&[city, bx as u32, bz as u32]);
        let park = unit(hash(&[seed, 1])) < 0.08;
        let buildings = if park {
            Vec::new()
        } else {
            // Towers gather where this is near one.
            let downtown = value_noise(
                bx as f32 * 0.45 + (city % 97) as f32,
                bz as f32 * 0.45 + 0.3,
            );
            (0..LOTS_X * LOTS_Z)
                .map(|lot| Building::new(seed, lot, (bx + 2 * bz) % 4, downtown))
                .collect()
        };
        let groups = grow_groups(seed, park);
        let prop_height = groups.iter().map(|g| g.bounds.max.y).fold(0.0, f32::max);
        let height = buildings
            .iter()
            .map(|b| b.bounds.max.y)
            .fold(prop_height, f32::max);
        Self {
            park,
            height,
            prop_height,
            buildings,
            groups,
        }
    }

    /// `lowest` is how near the ray comes to the ground inside the block, in metres.
    fn meet<'a>(&'a self, ray: &Ray, lowest: f32, cell: Vec3, nearest: &mut Nearest<'a>) {
        for building in &self.buildings {
            if building.bounds.touches(ray, nearest.limit) {
                for shape in &building.boxes {
                    let surface = Surface::Building(building, shape);
                    nearest.take_box(ray, shape, surface, building.seed, cell);
                }
                if nearest.settled() {
                    return;
                }
            }
        }
        if lowest > self.prop_height {
            return;
        }
        for group in &self.groups {
            if group.bounds.touches(ray, nearest.limit) {
                for (bounds, prop) in &group.props {
                    if bounds.touches(ray, nearest.limit) {
                        prop.meet(ray, cell, nearest);
                    }
                }
                if nearest.settled() {
                    return;
                }
            }
        }
    }
}

impl Building {
    fn new(block: u32, lot: usize, label_class: usize, downtown: f32) -> Self {
        let seed = hash(&[block, 100 + lot as u32]);
        let roll = |what: u32| unit(hash(&[seed, what]));
        let (x0, z0) = (AVENUE_HALF + PAVEMENT, STREET_HALF + PAVEMENT);
        let lot_x = (CELL_X - 2.0 * x0) / LOTS_X as f32;
        let lot_z = (CELL_Z - 2.0 * z0) / LOTS_Z as f32;
        let (column, row) = (lot % LOTS_X, lot / LOTS_X);
        let center = (
            x0 + (column as f32 + 0.5) * lot_x,
            z0 + (row as f32 + 0.5) * lot_z,
        );
        let half = (
            lot_x / 2.0 - 0.6 * roll(1),
            lot_z / 2.0 - 0.15 - 0.9 * roll(2),
        );
        let narrowed = |by: f32| (half.0 - by, half.1 - by);

        let kind = roll(3) + 0.75 * (downtown - 0.5);
        let mut boxes = Vec::new();
        let roof = if kind > 0.78 {
            let top = mix(62.0, 128.0, roll(4));
            let (podium, waist) = (mix(0.16, 0.4, roll(5)) * top, mix(0.7, 0.9, roll(6)) * top);
            boxes.push(Aabb::standing(center, half, 0.0, podium));
            boxes.push(Aabb::standing(center, narrowed(1.8), podium, waist));
            boxes.push(Aabb::standing(center, narrowed(3.4), waist, top));
            if roll(7) < 0.5 {
                boxes.push(Aabb::standing(center, (0.35, 0.35), top, top + 22.0));
            }
            (top, narrowed(3.4))
        } else if kind > 0.42 {
            let top = mix(24.0, 52.0, roll(4));
            boxes.push(Aabb::standing(center, half, 0.0, top));
            if roll(5) < 0.4 {
                boxes.push(Aabb::standing(center, narrowed(2.5), top, top + 7.0));
                (top + 7.0, narrowed(2.5))
            } else {
                (top, half)
            }
        } else {
            let top = mix(11.0, 23.0, roll(4));
            boxes.push(Aabb::standing(center, half, 0.0, top));
            (top, half)
        };
        let hut = (mix(1.2, 2.6, roll(8)), mix(1.2, 2.6, roll(9)));
        let hut_center = (
            center.0 + (roll(10) - 0.5) * (roof.1.0 - hut.0),
            center.1 + (roll(11) - 0.5) * (roof.1.1 - hut.1),
        );
        boxes.push(Aabb::standing(
            hut_center,
            hut,
            roof.0,
            roof.0 + mix(1.8, 3.6, roll(12)),
        ));
        Self {
            label: (label_class * LOTS_X * LOTS_Z + lot) as u8,
            seed,
            facade: Facade::new(seed, kind > 0.6),
            bounds: around(&boxes),
            boxes,
        }
    }
}

impl Facade {
    fn new(seed: u32, tall: bool) -> Self {
        const WALLS: [Vec3; 9] = [
            vec3(0.42, 0.17, 0.11),
            vec3(0.52, 0.29, 0.18),
            vec3(0.62, 0.52, 0.38),
            vec3(0.50, 0.47, 0.43),
            vec3(0.66, 0.62, 0.55),
            vec3(0.31, 0.33, 0.36),
            vec3(0.34, 0.20, 0.15),
            vec3(0.58, 0.43, 0.27),
            vec3(0.36, 0.42, 0.40),
        ];
        let roll = |what: u32| unit(hash(&[seed, 50 + what]));
        let wall = WALLS[(roll(0) * WALLS.len() as f32) as usize] * mix(0.85, 1.1, roll(1));
        let lit = mix(0.08, 0.34, roll(2) * roll(2));
        let glassy = if tall { 0.55 } else { 0.12 };
        if roll(3) < glassy {
            // Curtain wall: nearly all glass between thin mullions.
            Self {
                wall: mix_gray(wall, 0.12),
                glass: [
                    vec3(0.05, 0.10, 0.14),
                    vec3(0.04, 0.11, 0.11),
                    vec3(0.10, 0.09, 0.08),
                ][(roll(4) * 3.0) as usize],
                bay: (mix(1.4, 1.9, roll(5)), 3.6),
                window: (0.9, 0.82),
                lit,
                mirror: mix(0.45, 0.7, roll(6)),
            }
        } else if roll(7) < 0.3 {
            // Ribbons of windows.
            Self {
                wall,
                glass: vec3(0.04, 0.05, 0.06),
                bay: (mix(2.2, 3.0, roll(5)), 3.5),
                window: (0.94, 0.46),
                lit,
                mirror: 0.3,
            }
        } else {
            Self {
                wall,
                glass: vec3(0.035, 0.04, 0.05),
                bay: (mix(2.1, 3.4, roll(5)), mix(3.1, 3.6, roll(6))),
                window: (mix(0.4, 0.58, roll(8)), mix(0.48, 0.62, roll(9))),
                lit,
                mirror: 0.22,
            }
        }
    }
}

/// A dark metal with a hint of `color`.
fn mix_gray(color: Vec3, gray: f32) -> Vec3 {
    color * 0.15 + Vec3::splat(gray)
}

fn around(boxes: &[Aabb]) -> Aabb {
    boxes
        .iter()
        .copied()
        .reduce(|a, b| {
            Aabb::new(
                vec3(
                    a.min.x.min(b.min.x),
                    a.min.y.min(b.min.y),
                    a.min.z.min(b.min.z),
                ),
                vec3(
                    a.max.x.max(b.max.x),
                    a.max.y.max(b.max.y),
                    a.max.z.max(b.max.z),
                ),
            )
        })
        .unwrap_or(Aabb::new(Vec3::default(), Vec3::default()))
}

fn grow_groups(seed: u32, park: bool) -> Vec<Group> {
    let roll = |words: [u32; 2]| unit(hash(&[seed, words[0], words[1]]));
    let mut groups = Vec::new();
    for side in 0..2 {
        // Distances from an avenue's middle, mirrored on the block's far side.
        let x = |from_avenue: f32| {
            if side == 0 {
                from_avenue
            } else {
                CELL_X - from_avenue
            }
        };
        let toward_road = if side == 0 { -1.0 } else { 1.0 };
        let mut trees = Vec::new();
        let mut lamps = Vec::new();
        let mut cars = Vec::new();
        for step in 0..6_u32 {
            let z = 14.5 + 8.4 * step as f32;
            if roll([200 + side, step]) < 0.75 {
                let tree = hash(&[seed, 300 + side, step]);
                trees.push(Prop::tree(x(AVENUE_HALF + 1.5), z, tree));
            }
            if step % 2 == 0 {
                lamps.push(Prop::lamp(
                    x(AVENUE_HALF + 0.6),
                    z + 4.2,
                    toward_road,
                    hash(&[seed, 400 + side, step]),
                ));
            }
        }
        for step in 0..8_u32 {
            if roll([500 + side, step]) < 0.6 {
                let z = 15.0 + 5.9 * step as f32 + roll([520 + side, step]) * 0.8;
                cars.push(Prop::Car(Car {
                    center: vec3(x(AVENUE_HALF - 1.5), 0.0, z),
                    half: CAR_HALF,
                    heading: -toward_road,
                    seed: hash(&[seed, 540 + side, step]),
                }));
            }
        }
        groups.extend([trees, lamps, cars]);
        let parked: Vec<Prop> = (0..5_u32)
            .filter(|&step| roll([600 + side, step]) < 0.55)
            .map(|step| {
                let near = STREET_HALF - 1.5;
                Prop::Car(Car {
                    center: vec3(
                        17.0 + 6.1 * step as f32,
                        0.0,
                        if side == 0 { near } else { CELL_Z - near },
                    ),
                    half: (CAR_HALF.1, CAR_HALF.0),
                    heading: toward_road,
                    seed: hash(&[seed, 640 + side, step]),
                })
            })
            .collect();
        groups.push(parked);
    }
    if park {
        for row in 0..4_u32 {
            groups.push(
                (0..4_u32)
                    .map(|i| {
                        let place = |w, size: f32, inset: f32, n: u32| {
                            inset + (size - 2.0 * inset) * (n as f32 + roll([w, row * 4 + i])) / 4.0
                        };
                        Prop::tree(
                            place(700, CELL_X, 18.0, i),
                            place(720, CELL_Z, 14.0, row),
                            hash(&[seed, 740, row * 4 + i]),
                        )
                    })
                    .collect(),
            );
        }
    }
    groups
        .into_iter()
        .filter(|props| !props.is_empty())
        .map(|props| {
            let props: Vec<_> = props.into_iter().map(|p| (p.bounds(), p)).collect();
            let bounds: Vec<Aabb> = props.iter().map(|(bounds, _)| *bounds).collect();
            Group {
                bounds: around(&bounds),
                props,
            }
        })
        .collect()
}

impl Prop {
    fn tree(x: f32, z: f32, seed: u32) -> Self {
        let roll = |what: u32| unit(hash(&[seed, what]));
        let size = mix(0.8, 1.2, roll(0));
        let bottom = 3.4 * size;
        let crown = [0_u32, 1, 2, 3, 4].map(|i| {
            let turn = i as f32 * 2.4 + roll(1) * std::f32::consts::TAU;
            let apart = mix(0.5, 1.05, roll(20 + i)) * size;
            Sphere {
                center: vec3(
                    x + apart * turn.cos(),
                    bottom + mix(0.5, 2.3, (i as f32 + roll(2 + i)) / 5.0) * size,
                    z + apart * turn.sin(),
                ),
                radius: mix(0.85, 1.4, roll(10 + i)) * size,
            }
        });
        Self::Tree {
            trunk: Aabb::standing((x, z), (0.16, 0.16), 0.0, bottom + 1.0),
            crown,
            seed,
        }
    }

    fn lamp(x: f32, z: f32, toward_road: f32, seed: u32) -> Self {
        let reach = x + toward_road * 1.3;
        Self::Lamp {
            post: Aabb::standing((x, z), (0.09, 0.09), 0.0, 7.6),
            arm: Aabb::standing(
                ((x + reach) / 2.0, z),
                ((x - reach).abs() / 2.0, 0.06),
                7.5,
                7.62,
            ),
            head: Aabb::standing((reach, z), (0.4, 0.16), 7.36, 7.52),
            seed,
        }
    }

    fn bounds(&self) -> Aabb {
        match self {
            Self::Tree { trunk, crown, .. } => {
                let mut boxes = vec![*trunk];
                boxes.extend(crown.iter().map(|ball| {
                    let radius = Vec3::splat(ball.radius);
                    Aabb::new(ball.center - radius, ball.center + radius)
                }));
                around(&boxes)
            }
            Self::Lamp {
                post, arm, head, ..
            } => around(&[*post, *arm, *head]),
            Self::Car(car) => car.bounds(),
        }
    }

    fn meet<'a>(&'a self, ray: &Ray, cell: Vec3, nearest: &mut Nearest<'a>) {
        match self {
            Self::Tree { trunk, crown, seed } => {
                for ball in crown {
                    if let Some(contact) = ball.hit(ray, nearest.limit) {
                        nearest.take(contact, Surface::Leaves, *seed, cell);
                    }
                }
                nearest.take_box(ray, trunk, Surface::Trunk, *seed, cell);
            }
            Self::Lamp {
                post,
                arm,
                head,
                seed,
            } => {
                nearest.take_box(ray, post, Surface::LampPost, *seed, cell);
                nearest.take_box(ray, arm, Surface::LampPost, *seed, cell);
                nearest.take_box(ray, head, Surface::LampHead, *seed, cell);
            }
            Self::Car(car) => car.meet(ray, cell, nearest),
        }
    }
}

impl Car {
    /// The part of the car between two shares of its length (-1 tail, 1 nose), its width scaled.
    fn part(&self, (tail, nose): (f32, f32), width: f32, bottom: f32, top: f32) -> Aabb {
        let lengthwise_z = self.half.1 > self.half.0;
        let length = self.half.0.max(self.half.1);
        let shift = self.heading * length * (tail + nose) / 2.0;
        let half_length = length * (nose - tail) / 2.0;
        let half_width = self.half.0.min(self.half.1) * width;
        let (center, half) = if lengthwise_z {
            (
                (self.center.x, self.center.z + shift),
                (half_width, half_length),
            )
        } else {
            (
                (self.center.x + shift, self.center.z),
                (half_length, half_width),
            )
        };
        Aabb::standing(center, half, bottom, top)
    }

    fn bounds(&self) -> Aabb {
        self.part((-1.0, 1.0), 1.0, 0.0, CAR_HEIGHT)
    }

    fn meet(&self, ray: &Ray, cell: Vec3, nearest: &mut Nearest<'_>) {
        let body = self.part((-1.0, 1.0), 0.98, 0.28, 0.88);
        if let Some(contact) = body.hit(ray, nearest.limit) {
            let point = ray.at(contact.t) - self.center;
            let (along, across, facing) = if self.half.1 > self.half.0 {
                (point.z, point.x, contact.normal.z)
            } else {
                (point.x, point.z, contact.normal.x)
            };
            let lamp = facing != 0.0 && across.abs() > 0.5 && (0.55..0.75).contains(&point.y);
            let surface = match (lamp, along * self.heading > 0.0) {
                (true, true) => Surface::HeadLight,
                (true, false) => Surface::TailLight,
                (false, _) => Surface::CarPaint,
            };
            nearest.take(contact, surface, self.seed, cell);
        }
        let cabin = self.part((-0.72, 0.36), 0.84, 0.88, 1.38);
        nearest.take_box(ray, &cabin, Surface::CarGlass, self.seed, cell);
        let roof = self.part((-0.66, 0.26), 0.86, 1.38, CAR_HEIGHT);
        nearest.take_box(ray, &roof, Surface::CarPaint, self.seed, cell);
        let underside = self.part((-0.97, 0.97), 0.95, 0.0, 0.28);
        nearest.take_box(ray, &underside, Surface::CarWheel, self.seed, cell);
        for wheel in [(-0.78, -0.5), (0.5, 0.78)] {
            let wheel = self.part(wheel, 1.0, 0.0, 0.62);
            nearest.take_box(ray, &wheel, Surface::CarWheel, self.seed, cell);
        }
    }
}
