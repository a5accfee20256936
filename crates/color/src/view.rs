//! Which view an artist saw the colors through.

use std::fmt;
use std::str::FromStr;

/// A view: how scene-linear light becomes display code values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum View {
    /// The sRGB curve, clipped at 0 and 1. Blender's `Standard`; what most other programs do without a view.
    Standard,
    /// Blender's `Filmic` with the look `None` (`Medium Contrast` is the same): the default of Blender 2.8 to 3.6.
    ///
    /// Blender 4 and 5 interpolate it more coarsely than Blender 3, which is followed here: saturated light more than
    /// five stops above middle gray differs by up to 4 of 255 levels.
    Filmic,
    /// Blender's `AgX` with the look `None`: the default since Blender 4.0, alike in 4.2, 4.5 and 5.0.
    Agx,
    /// The ACES 1 output transform for sRGB displays at 100 nits, as in ACES 1.0.3 to 1.3.
    Aces,
    /// The values themselves, clipped at 0 and 1.
    Raw,
}

impl View {
    /// Every view, in the order in which they are offered.
    pub const ALL: [View; 5] = [
        View::Standard,
        View::Filmic,
        View::Agx,
        View::Aces,
        View::Raw,
    ];

    /// The name on the command line and in settings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            View::Standard => "standard",
            View::Filmic => "filmic",
            View::Agx => "agx",
            View::Aces => "aces",
            View::Raw => "raw",
        }
    }
}

impl fmt::Display for View {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// A name that is no view's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no view is called {0:?}: it is standard, filmic, agx, aces or raw")]
pub struct ParseViewError(String);

impl FromStr for View {
    type Err = ParseViewError;

    /// Reads a name in any case: `AgX` is `agx`.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        View::ALL
            .into_iter()
            .find(|view| view.name().eq_ignore_ascii_case(name.trim()))
            .ok_or_else(|| ParseViewError(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for view in View::ALL {
            assert_eq!(view.to_string().parse(), Ok(view));
            assert_eq!(view.name().to_uppercase().parse(), Ok(view));
        }
        let error = "filmik".parse::<View>().expect_err("is no view");
        assert_eq!(
            error.to_string(),
            "no view is called \"filmik\": it is standard, filmic, agx, aces or raw"
        );
    }
}
