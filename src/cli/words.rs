//! Values that are words: read as their types read them, and known to a shell that completes.

use std::error::Error;
use std::ffi::OsStr;
use std::marker::PhantomData;
use std::str::FromStr;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use cosmos_workflow::cosmos::{Model, recipes};
use cosmos_workflow::modality::Modality;
use cosmos_workflow::specs::Strength;
use cosmos_workflow::video::resolution::{Fit, Resolution};
use cosmos_workflow::video::settings::{Codec, PixelFormat, Preset, Setting};
use cosmos_workflow::workflows::DepthNear;

/// Reads a `T`, whose own errors say what would be right, and offers `words` for completion. What is not among them
/// may be right all the same.
#[derive(Clone)]
pub struct Words<T> {
    words: Vec<&'static str>,
    value: PhantomData<fn() -> T>,
}

impl<T> Words<T> {
    fn new(words: impl IntoIterator<Item = &'static str>) -> Self {
        Self {
            words: words.into_iter().collect(),
            value: PhantomData,
        }
    }
}

impl<T> TypedValueParser for Words<T>
where
    T: FromStr<Err: Error + Send + Sync + 'static> + Clone + Send + Sync + 'static,
{
    type Value = T;

    fn parse_ref(
        &self,
        command: &clap::Command,
        option: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<T, clap::Error> {
        StringValueParser::new()
            .try_map(|text| text.parse::<T>())
            .parse_ref(command, option, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.words.iter().map(PossibleValue::new)))
    }
}

pub fn models() -> Words<Model> {
    Words::new(Model::ALL.map(Model::name))
}

pub fn depth_ends() -> Words<DepthNear> {
    Words::new(["auto", "bright", "dark"])
}

pub fn modalities() -> Words<Modality> {
    Words::new(Modality::ALL.map(Modality::name))
}

pub fn fits() -> Words<Fit> {
    Words::new(Fit::ALL.map(Fit::name))
}

pub fn resolutions() -> Words<Resolution> {
    Words::new(["720p", "1080p", "4k", "cosmos"])
}

pub fn presets() -> Words<Setting<Preset>> {
    let presets = Preset::ALL.iter().map(|preset| preset.name());
    Words::new(std::iter::once("auto").chain(presets))
}

pub fn codecs() -> Words<Codec> {
    Words::new(Codec::ALL.iter().map(|codec| codec.name()))
}

pub fn pixel_formats() -> Words<PixelFormat> {
    Words::new(PixelFormat::ALL.iter().map(|format| format.name()))
}

pub fn strengths() -> Words<Strength> {
    Words::new(Strength::ALL.map(Strength::name))
}

/// Whether there is a recipe of that name is found out later, with the model.
pub fn recipe_names() -> Words<String> {
    Words::new(recipes().iter().map(|recipe| recipe.name.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_each_is_read<T>(words: &Words<T>)
    where
        T: FromStr<Err: Error>,
    {
        assert!(!words.words.is_empty());
        for word in &words.words {
            assert!(word.parse::<T>().is_ok(), "{word}");
        }
    }

    #[test]
    fn every_word_that_is_offered_is_one_that_is_read() {
        assert_each_is_read(&models());
        assert_each_is_read(&modalities());
        assert_each_is_read(&fits());
        assert_each_is_read(&resolutions());
        assert_each_is_read(&presets());
        assert_each_is_read(&codecs());
        assert_each_is_read(&pixel_formats());
        assert_each_is_read(&strengths());
        assert_each_is_read(&recipe_names());
    }
}
