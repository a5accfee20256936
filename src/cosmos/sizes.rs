//! The sizes each generation works in, by tier and shape, and what becomes of frames of another size.
//!
//! A program takes the tier's size whose shape is nearest to the video's. Transfer1 and Transfer2.5 stretch to it;
//! Cosmos 3 keeps the shape, covers the size, and cuts off what sticks out on two sides.
//! Sources: Transfer1 `di/inference_utils.py:VIDEO_RES_SIZE_INFO, detect_aspect_ratio`, Transfer2.5
//! `_src/predict2/datasets/utils.py:VIDEO_RES_SIZE_INFO`, Cosmos 3
//! `data/generator/utils.py:VIDEO_RES_SIZE_INFO`, `inf/vision.py:detect_aspect_ratio, _resize_and_center_crop`.

use serde::Serialize;

use super::Model;
use crate::size::Size;

/// The five shapes that all programs sort videos into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// 16:9.
    Wide,
    /// 4:3.
    Landscape,
    /// 1:1.
    Square,
    /// 3:4.
    Portrait,
    /// 9:16.
    Tall,
}

impl Shape {
    /// Every shape, in the order in which the programs try them.
    pub const ALL: [Self; 5] = [
        Self::Wide,
        Self::Landscape,
        Self::Square,
        Self::Portrait,
        Self::Tall,
    ];

    /// The shape that a program takes a picture of `size` for: the nearest in width over height, by squared
    /// difference; the wider one where two are as near.
    #[must_use]
    pub fn of(size: Size) -> Self {
        let distance = |shape: Self| (shape.ratio() - size.aspect()).powi(2);
        let [first, rest @ ..] = Self::ALL;
        rest.into_iter().fold(first, |nearest, shape| {
            if distance(shape) < distance(nearest) {
                shape
            } else {
                nearest
            }
        })
    }

    /// Its name in the programs: `16,9`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Wide => "16,9",
            Self::Landscape => "4,3",
            Self::Square => "1,1",
            Self::Portrait => "3,4",
            Self::Tall => "9,16",
        }
    }

    /// Width over height.
    fn ratio(self) -> f64 {
        match self {
            Self::Wide => 16.0 / 9.0,
            Self::Landscape => 4.0 / 3.0,
            Self::Square => 1.0,
            Self::Portrait => 3.0 / 4.0,
            Self::Tall => 9.0 / 16.0,
        }
    }
}

/// What a program does with frames that do not have its working size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Resize {
    /// All of the picture is kept, and its shape changes.
    Stretch,
    /// The shape is kept, and what sticks out on two opposite sides is cut off.
    CoverCrop,
}

impl Resize {
    /// What `model` does.
    #[must_use]
    pub const fn of(model: Model) -> Self {
        match model {
            Model::Transfer1 | Model::Transfer2_5 => Self::Stretch,
            Model::Cosmos3 => Self::CoverCrop,
        }
    }
}

/// A row of a program's table of sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tier {
    /// Its name in the program's `resolution`; Transfer1, which has only one, has no such name.
    pub name: &'static str,
    wide: Size,
    landscape: Size,
    square: Size,
}

impl Tier {
    const fn new(
        name: &'static str,
        wide: (u32, u32),
        landscape: (u32, u32),
        square: (u32, u32),
    ) -> Self {
        Self {
            name,
            wide: Size::new(wide.0, wide.1),
            landscape: Size::new(landscape.0, landscape.1),
            square: Size::new(square.0, square.1),
        }
    }

    /// The size for videos of this shape. Portrait sizes are the landscape ones turned.
    #[must_use]
    pub const fn size(&self, shape: Shape) -> Size {
        match shape {
            Shape::Wide => self.wide,
            Shape::Landscape => self.landscape,
            Shape::Square => self.square,
            Shape::Portrait => Size::new(self.landscape.height, self.landscape.width),
            Shape::Tall => Size::new(self.wide.height, self.wide.width),
        }
    }
}

static TRANSFER1: [Tier; 1] = [Tier::new("720", (1280, 704), (960, 704), (960, 960))];
static TRANSFER2_5: [Tier; 9] = [
    Tier::new("256", (320, 192), (320, 256), (256, 256)),
    Tier::new("480", (768, 432), (640, 480), (480, 480)),
    Tier::new("480p", (832, 480), (640, 480), (640, 640)),
    Tier::new("512", (640, 384), (640, 512), (512, 512)),
    Tier::new("720", (1280, 704), (960, 704), (960, 960)),
    Tier::new("720p", (1280, 720), (960, 720), (960, 960)),
    Tier::new("720robocasa", (1280, 720), (960, 720), (720, 720)),
    Tier::new("1024", (1280, 768), (1280, 1024), (1024, 1024)),
    Tier::new("1080", (1920, 1056), (1440, 1056), (1024, 1024)),
];
static COSMOS3: [Tier; 5] = [
    Tier::new("256", (320, 192), (320, 256), (256, 256)),
    Tier::new("480", (832, 480), (736, 544), (640, 640)),
    Tier::new("704", (1280, 704), (1088, 832), (960, 960)),
    Tier::new("720", (1280, 720), (1104, 832), (960, 960)),
    Tier::new("768", (1360, 768), (1184, 880), (1024, 1024)),
];

/// Every tier that `model` has, the smallest first.
#[must_use]
pub fn tiers(model: Model) -> &'static [Tier] {
    match model {
        Model::Transfer1 => &TRANSFER1,
        Model::Transfer2_5 => &TRANSFER2_5,
        Model::Cosmos3 => &COSMOS3,
    }
}

/// The tier of a run that does not name any.
///
/// Cosmos 3 has one for each checkpoint; a checkpoint that is not NVIDIA's is taken to be like Cosmos3-Nano.
#[must_use]
pub fn default_tier(model: Model, checkpoint: Option<&str>) -> &'static str {
    match model {
        Model::Transfer1 | Model::Transfer2_5 => "720",
        Model::Cosmos3 => match Checkpoint::of(checkpoint) {
            Checkpoint::Edge | Checkpoint::NanoSimTransfer => "480",
            Checkpoint::Nano | Checkpoint::Super | Checkpoint::Other => "720",
        },
    }
}

/// The tiers that NVIDIA publishes a checkpoint for (`inf/args.py:VisionDataOverrides`); others run, but nobody
/// trained the model for them. `None` for a checkpoint that is not NVIDIA's.
#[must_use]
pub fn published_tiers(model: Model, checkpoint: Option<&str>) -> Option<&'static [&'static str]> {
    Some(match model {
        Model::Transfer1 | Model::Transfer2_5 => &["720"],
        Model::Cosmos3 => match Checkpoint::of(checkpoint) {
            Checkpoint::Nano | Checkpoint::Super => &["256", "480", "720"],
            Checkpoint::Edge => &["256", "480"],
            Checkpoint::NanoSimTransfer => &["480"],
            Checkpoint::Other => return None,
        },
    })
}

/// A checkpoint of Cosmos 3 that there are published facts about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Checkpoint {
    Nano,
    Edge,
    Super,
    NanoSimTransfer,
    /// A folder with the user's own weights.
    Other,
}

impl Checkpoint {
    /// What a name, a hub id or a folder stands for; Cosmos3-Nano where nothing is said.
    pub(super) fn of(checkpoint: Option<&str>) -> Self {
        let Some(checkpoint) = checkpoint else {
            return Self::Nano;
        };
        let name = checkpoint.trim_end_matches('/');
        let name = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
        match name.as_str() {
            "cosmos3-nano" => Self::Nano,
            "cosmos3-edge" => Self::Edge,
            "cosmos3-nano-sim-transfer" => Self::NanoSimTransfer,
            _ if name == "cosmos3-super" || name.starts_with("cosmos3-super-") => Self::Super,
            _ => Self::Other,
        }
    }
}

/// The size a model computes in, and how frames come into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct WorkingSize {
    /// The tier.
    pub tier: &'static str,
    /// Width and height in pixels.
    pub size: Size,
    /// How frames of another size come into it.
    pub resize: Resize,
    /// Whether NVIDIA publishes the tier for this checkpoint; true where nobody can know, for the user's own.
    pub trained: bool,
}

/// The size that `model` computes a video of `source`'s size in. `None` if it has no such tier.
#[must_use]
pub fn working_size(
    model: Model,
    checkpoint: Option<&str>,
    tier: &str,
    source: Size,
) -> Option<WorkingSize> {
    let tier = tiers(model).iter().find(|known| known.name == tier)?;
    Some(WorkingSize {
        tier: tier.name,
        size: tier.size(Shape::of(source)),
        resize: Resize::of(model),
        trained: published_tiers(model, checkpoint).is_none_or(|tiers| tiers.contains(&tier.name)),
    })
}

/// What becomes of the picture on its way to the working size, apart from its scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change {
    /// Nothing.
    None,
    /// It gets wider or narrower, relative to its height, by this many percent of its width.
    Stretched {
        /// Above 0 where it gets wider.
        percent: f64,
    },
    /// So many pixels of the source are cut off, in equal parts from both sides.
    Cropped {
        /// Columns that are lost, from the left and the right together.
        columns: f64,
        /// Rows that are lost, from the top and the bottom together.
        rows: f64,
    },
}

impl WorkingSize {
    /// What becomes of a picture of `source`'s size.
    #[must_use]
    pub fn change(&self, source: Size) -> Change {
        match self.resize {
            Resize::Stretch => {
                let percent = (self.size.aspect() / source.aspect() - 1.0) * 100.0;
                if percent == 0.0 {
                    Change::None
                } else {
                    Change::Stretched { percent }
                }
            }
            Resize::CoverCrop => {
                let scale = cover_scale(source, self.size);
                let lost = |from: u32, to: u32| (f64::from(from) - f64::from(to) / scale).max(0.0);
                let columns = lost(source.width, self.size.width);
                let rows = lost(source.height, self.size.height);
                // Less than a hundredth of a pixel is what the division leaves over.
                if columns < 0.01 && rows < 0.01 {
                    Change::None
                } else {
                    Change::Cropped { columns, rows }
                }
            }
        }
    }
}

/// By how much a picture is scaled so that it covers `target`.
fn cover_scale(source: Size, target: Size) -> f64 {
    let across = f64::from(target.width) / f64::from(source.width);
    let down = f64::from(target.height) / f64::from(source.height);
    across.max(down)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table<T: serde::de::DeserializeOwned>(text: &str) -> Vec<T> {
        serde_json::from_str(text).expect("a table")
    }

    #[test]
    fn shapes_are_those_of_nvidias_own_functions() {
        let text = include_str!("../../fixtures/cosmos_windows/classes.json");
        for (width, height, key) in table::<(u32, u32, String)>(text) {
            assert_eq!(
                Shape::of(Size::new(width, height)).key(),
                key,
                "{width}x{height}"
            );
        }
    }

    #[test]
    fn tiers_and_sizes_are_those_of_nvidias_own_tables() {
        let text = include_str!("../../fixtures/cosmos_windows/tiers.json");
        let theirs: Vec<(Model, String, String, u32, u32)> = table(text);
        let count: usize = Model::ALL.iter().map(|&m| tiers(m).len() * 5).sum();
        assert_eq!(theirs.len(), count);
        for (model, tier, key, width, height) in theirs {
            let shape = Shape::ALL.into_iter().find(|shape| shape.key() == key);
            let tier = tiers(model).iter().find(|known| known.name == tier);
            let ours = tier.zip(shape).map(|(tier, shape)| tier.size(shape));
            assert_eq!(
                ours,
                Some(Size::new(width, height)),
                "{model} {tier:?} {key}"
            );
        }
    }

    #[test]
    fn what_cosmos_3_cuts_off_is_what_its_own_function_cuts_off() {
        let text = include_str!("../../fixtures/cosmos_windows/crops.json");
        for (width, height, tier, _, _, scaled_width, scaled_height) in
            table::<(u32, u32, String, u32, u32, u32, u32)>(text)
        {
            let source = Size::new(width, height);
            let working = working_size(Model::Cosmos3, None, &tier, source).expect("a tier");
            let scale = cover_scale(source, working.size);
            let (columns, rows) = match working.change(source) {
                Change::Cropped { columns, rows } => (columns * scale, rows * scale),
                _ => (0.0, 0.0),
            };
            // Theirs are scaled pixels, rounded up to whole ones.
            for (lost, theirs) in [
                (columns, scaled_width - working.size.width),
                (rows, scaled_height - working.size.height),
            ] {
                let theirs = f64::from(theirs);
                assert!(
                    lost <= theirs + 1e-6 && theirs - lost < 1.01,
                    "{source} {tier}: {lost} {theirs}"
                );
            }
        }
    }

    #[test]
    fn the_default_and_the_trained_tiers_depend_on_the_checkpoint() {
        let full_hd = Size::new(1920, 1080);
        for (checkpoint, default, trained) in [
            (None, "720", vec!["256", "480", "720"]),
            (Some("Cosmos3-Nano"), "720", vec!["256", "480", "720"]),
            (Some("Cosmos3-Edge"), "480", vec!["256", "480"]),
            (Some("Cosmos3-Super"), "720", vec!["256", "480", "720"]),
            (
                Some("checkpoints/Cosmos3-Nano-Sim-Transfer/"),
                "480",
                vec!["480"],
            ),
            (Some("mine"), "720", vec!["256", "480", "704", "720", "768"]),
        ] {
            assert_eq!(default_tier(Model::Cosmos3, checkpoint), default);
            let of_tier = |tier| working_size(Model::Cosmos3, checkpoint, tier, full_hd);
            let all = tiers(Model::Cosmos3).iter().map(|tier| tier.name);
            let ours: Vec<&str> = all
                .filter(|tier| of_tier(tier).is_some_and(|working| working.trained))
                .collect();
            assert_eq!(ours, trained, "{checkpoint:?}");
        }
        assert_eq!(default_tier(Model::Transfer2_5, Some("mine")), "720");
        for model in Model::ALL {
            assert_eq!(working_size(model, None, "1234", full_hd), None);
        }
    }

    #[test]
    fn transfer_stretches_and_cosmos_3_crops() {
        let scope = Size::new(2048, 858);
        let change = |model| {
            working_size(model, None, "720", scope)
                .expect("a tier")
                .change(scope)
        };
        let Change::Stretched { percent } = change(Model::Transfer1) else {
            panic!("stretched");
        };
        assert!((percent + 23.83).abs() < 0.01, "{percent}");
        assert_eq!(change(Model::Transfer1), change(Model::Transfer2_5));
        let Change::Cropped { columns, rows } = change(Model::Cosmos3) else {
            panic!("cropped");
        };
        assert!(
            (columns - 522.67).abs() < 0.01 && rows == 0.0,
            "{columns} {rows}"
        );
        let hd = Size::new(1920, 1080);
        let working = working_size(Model::Cosmos3, None, "720", hd).expect("a tier");
        assert_eq!(working.change(hd), Change::None);
    }
}
