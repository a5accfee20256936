//! Color spaces by the chromaticities of their primaries and white point.

use crate::ColorError;

/// A matrix of three rows.
pub(crate) type Matrix = [[f64; 3]; 3];

/// The color space of linear RGB values: CIE 1931 xy of the three primaries and of white.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chromaticities {
    /// Red.
    pub red: [f32; 2],
    /// Green.
    pub green: [f32; 2],
    /// Blue.
    pub blue: [f32; 2],
    /// White.
    pub white: [f32; 2],
}

impl Chromaticities {
    /// ITU-R BT.709 and sRGB, white D65. What Blender renders in, and what an OpenEXR file means if it says nothing.
    pub const REC709: Self = Self {
        red: [0.64, 0.33],
        green: [0.3, 0.6],
        blue: [0.15, 0.06],
        white: [0.3127, 0.329],
    };

    /// ACEScg (AP1, SMPTE ST 2065 and Academy S-2014-004), white near D60.
    pub const ACESCG: Self = Self {
        red: [0.713, 0.293],
        green: [0.165, 0.83],
        blue: [0.128, 0.044],
        white: [0.32168, 0.33767],
    };

    /// ACES2065-1 (AP0, SMPTE ST 2065-1), white near D60.
    pub const ACES2065_1: Self = Self {
        red: [0.7347, 0.2653],
        green: [0.0, 1.0],
        blue: [0.0001, -0.077],
        white: [0.32168, 0.33767],
    };

    /// ITU-R BT.2020, white D65.
    pub const REC2020: Self = Self {
        red: [0.708, 0.292],
        green: [0.17, 0.797],
        blue: [0.131, 0.046],
        white: [0.3127, 0.329],
    };

    /// The matrix from these primaries to CIE XYZ, white at luminance 1.
    pub(crate) fn to_xyz(self) -> Result<Matrix, ColorError> {
        let refused = || ColorError::Chromaticities(self);
        let columns = [xyz(self.red), xyz(self.green), xyz(self.blue)];
        let primaries: Matrix =
            std::array::from_fn(|row| std::array::from_fn(|column| columns[column][row]));
        if self.white[1] <= 0.0 {
            return Err(refused());
        }
        let white = white_xyz(self.white);
        let scales = apply(&invert(&primaries).ok_or_else(refused)?, white);
        let scaled: Matrix = std::array::from_fn(|row| {
            std::array::from_fn(|column| primaries[row][column] * scales[column])
        });
        let usable = scaled
            .iter()
            .flatten()
            .chain(&scales)
            .all(|value| value.is_finite())
            && scales.iter().all(|scale| scale.abs() > 1e-6);
        if usable { Ok(scaled) } else { Err(refused()) }
    }

    /// The matrix from these primaries to others, white to white by the Bradford method.
    pub(crate) fn to(self, target: Self) -> Result<Matrix, ColorError> {
        if self == target {
            return Ok(IDENTITY);
        }
        let back = invert(&target.to_xyz()?).ok_or(ColorError::Chromaticities(target))?;
        let source = self.to_xyz()?;
        if self.white == target.white {
            return Ok(multiply(&back, &source));
        }
        let adapted =
            adaptation(self.white, target.white).ok_or(ColorError::Chromaticities(self))?;
        Ok(multiply(&back, &multiply(&adapted, &source)))
    }
}

impl Default for Chromaticities {
    fn default() -> Self {
        Self::REC709
    }
}

pub(crate) const IDENTITY: Matrix = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

/// The cone responses of the Bradford method (Lam 1985, as in ICC.1:2010 annex E).
const BRADFORD: Matrix = [
    [0.8951, 0.2664, -0.1614],
    [-0.7502, 1.7135, 0.0367],
    [0.0389, -0.0685, 1.0296],
];

/// A primary's direction in XYZ. Not divided by y: ACES blue has a negative one.
fn xyz([x, y]: [f32; 2]) -> [f64; 3] {
    let (x, y) = (f64::from(x), f64::from(y));
    [x, y, 1.0 - x - y]
}

/// A white point's XYZ at luminance 1.
fn white_xyz(white: [f32; 2]) -> [f64; 3] {
    xyz(white).map(|value| value / f64::from(white[1]))
}

fn adaptation(from: [f32; 2], to: [f32; 2]) -> Option<Matrix> {
    let (source, target) = (
        apply(&BRADFORD, white_xyz(from)),
        apply(&BRADFORD, white_xyz(to)),
    );
    let scaled: Matrix = std::array::from_fn(|row| {
        std::array::from_fn(|column| BRADFORD[row][column] * target[row] / source[row])
    });
    Some(multiply(&invert(&BRADFORD)?, &scaled))
}

pub(crate) fn apply(matrix: &Matrix, vector: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| row[0] * vector[0] + row[1] * vector[1] + row[2] * vector[2])
}

pub(crate) fn multiply(left: &Matrix, right: &Matrix) -> Matrix {
    std::array::from_fn(|row| {
        std::array::from_fn(|column| {
            (0..3)
                .map(|inner| left[row][inner] * right[inner][column])
                .sum()
        })
    })
}

/// The inverse, or `None` for a matrix that has none.
pub(crate) fn invert(m: &Matrix) -> Option<Matrix> {
    let minor = |row: usize, column: usize| {
        let (a, b) = ((row + 1) % 3, (row + 2) % 3);
        let (c, d) = ((column + 1) % 3, (column + 2) % 3);
        m[a][c] * m[b][d] - m[a][d] * m[b][c]
    };
    let determinant: f64 = (0..3).map(|column| m[0][column] * minor(0, column)).sum();
    (determinant.is_finite() && determinant.abs() > 1e-9).then(|| {
        std::array::from_fn(|row| std::array::from_fn(|column| minor(column, row) / determinant))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rec709_to_xyz_is_the_standard_s_matrix() {
        let matrix = Chromaticities::REC709.to_xyz().expect("is a color space");
        let published = [
            [0.4124, 0.3576, 0.1805],
            [0.2126, 0.7152, 0.0722],
            [0.0193, 0.1192, 0.9505],
        ];
        for (row, expected) in matrix.iter().flatten().zip(published.iter().flatten()) {
            assert!((row - expected).abs() < 1e-4, "{matrix:?}");
        }
    }

    #[test]
    fn white_stays_white_whatever_the_white_point() {
        for source in [
            Chromaticities::ACESCG,
            Chromaticities::ACES2065_1,
            Chromaticities::REC2020,
        ] {
            let matrix = source
                .to(Chromaticities::REC709)
                .expect("both are color spaces");
            for value in apply(&matrix, [1.0; 3]) {
                assert!((value - 1.0).abs() < 1e-6, "{value}");
            }
        }
    }

    #[test]
    fn chromaticities_without_a_space_are_refused() {
        let rec709 = Chromaticities::REC709;
        let flat = Chromaticities {
            red: [0.3, 0.3],
            green: [0.4, 0.4],
            blue: [0.5, 0.5],
            ..rec709
        };
        let dark = Chromaticities {
            white: [0.3, 0.0],
            ..rec709
        };
        let unknown = Chromaticities {
            white: [f32::NAN, 0.3],
            ..rec709
        };
        let infinite = Chromaticities {
            red: [f32::INFINITY, 0.3],
            ..rec709
        };
        for refused in [flat, dark, unknown, infinite] {
            assert!(refused.to(rec709).is_err(), "{refused:?}");
        }
    }
}
