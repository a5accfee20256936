//! Pixels of a picture that are no colors.

/// What was found in the values of a picture. Frames are counted on any thread and added up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Repairs {
    /// Values that were not a number; they became 0.
    pub nan: u64,
    /// Values that were infinite; they became the largest half, or 0 if negative.
    pub infinite: u64,
    /// Values below 0, which stay: filters with negative lobes and wide gamuts make them.
    pub negative: u64,
    /// All values looked at.
    pub values: u64,
}

impl Repairs {
    /// Adds what was found elsewhere.
    pub fn merge(&mut self, other: Self) {
        self.nan += other.nan;
        self.infinite += other.infinite;
        self.negative += other.negative;
        self.values += other.values;
    }

    /// Whether any value was changed.
    pub fn any(&self) -> bool {
        self.nan + self.infinite > 0
    }
}

/// The largest finite half: no renderer's picture needs more, and view transforms stay finite.
pub const BRIGHTEST: f32 = 65_504.0;

/// Replaces what is no number by 0 and infinity by [`BRIGHTEST`], and counts.
pub fn repair(values: &mut [f32]) -> Repairs {
    let mut found = Repairs {
        values: values.len() as u64,
        ..Repairs::default()
    };
    for value in values {
        if value.is_nan() {
            found.nan += 1;
            *value = 0.0;
        } else if value.is_infinite() {
            found.infinite += 1;
            *value = if *value > 0.0 { BRIGHTEST } else { 0.0 };
        } else if *value < 0.0 {
            found.negative += 1;
        }
    }
    found
}
