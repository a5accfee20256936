//! What the models see in the frames of a shot, frame by frame.

use std::collections::BTreeSet;
use std::iter;

use cosmos_core::advice::Advice;
use image::RgbImage;
use image::imageops::{crop_imm, flip_horizontal};

use super::sampler::{View, spread};
use crate::ai::caption::Concepts;
use crate::describe::Saying;
use crate::seen::{DetectedObject, Judgement, Tag};

/// What the models see in the frames of a shot.
#[derive(Default)]
pub struct Findings {
    /// Frame by frame, in order.
    pub(super) frames: Vec<FrameFindings>,
    /// What a captioner that knows only sentences says of those that show something, as far as they agree.
    pub(super) caption: Option<Saying>,
    /// What all models together take the main thing for; `None` if none was asked.
    pub(super) judgement: Option<Judgement>,
    /// Why it is not named, or not as the captioner does.
    pub(super) unsure: Option<String>,
}

impl Findings {
    /// Whether there was nothing to look at.
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// What the user should know about it.
    pub fn advice(&self) -> Option<Advice> {
        let message = self.unsure.clone()?;
        let hint = Some("pass --description to say what the shot shows".into());
        Some(Advice { message, hint })
    }
}

/// What the models see in a frame.
pub(super) struct FrameFindings {
    pub(super) view: View,
    /// The picture mirrored, and for a single picture also cropped, as it is and mirrored: what models agree on for all
    /// of them does not hang on chance.
    pub(super) variants: Vec<RgbImage>,
    /// Whether it shows something.
    pub(super) tells: bool,
    /// `None` where the tagger was not asked.
    pub(super) tags: Option<Vec<Tag>>,
    /// `None` where none were looked for.
    pub(super) objects: Option<Vec<DetectedObject>>,
    /// Those in the mirrored frame, where it is looked at too; they bear the others out.
    pub(super) mirrored: Option<Vec<DetectedObject>>,
    /// `None` where the captioner was not asked, or answered with concepts.
    pub(super) caption: Option<Saying>,
    /// What the captioner finds in each view of the frame, where it can tell.
    pub(super) concepts: Vec<Concepts>,
}

impl FrameFindings {
    /// Nothing is seen yet in `view`, which is one of `several` frames or a picture on its own.
    pub(super) fn new(view: View, several: bool) -> Self {
        Self {
            variants: variants_of(&view.picture, several),
            view,
            tells: true,
            tags: None,
            objects: None,
            mirrored: None,
            caption: None,
            concepts: Vec::new(),
        }
    }

    /// The picture as it is and its variants.
    pub(super) fn pictures(&self) -> impl Iterator<Item = &RgbImage> {
        iter::once(&self.view.picture).chain(&self.variants)
    }

    pub(super) fn is_captioned(&self) -> bool {
        self.caption.is_some() || !self.concepts.is_empty()
    }
}

/// The share of width and height of a picture's middle that is looked at by itself.
const MIDDLE: f64 = 0.88;

/// A picture mirrored and, where it is not one of `several` frames, cropped and both.
fn variants_of(picture: &RgbImage, several: bool) -> Vec<RgbImage> {
    let mut variants = vec![flip_horizontal(picture)];
    if !several {
        let (width, height) = picture.dimensions();
        let side = |length: u32| ((f64::from(length) * MIDDLE) as u32).max(1);
        let (w, h) = (side(width), side(height));
        let middle = crop_imm(picture, (width - w) / 2, (height - h) / 2, w, h).to_image();
        variants.push(flip_horizontal(&middle));
        variants.push(middle);
    }
    variants
}

/// Frames that show something, to be looked at in place of those that turned out to show nothing: as many as are left
/// of `wanted`, of those that are not `done`.
pub(super) fn substitutes(
    frames: &mut [FrameFindings],
    wanted: usize,
    done: impl Fn(&FrameFindings) -> bool,
) -> impl Iterator<Item = &mut FrameFindings> {
    let told = frames.iter_mut().filter(|frame| frame.tells);
    let (looked_at, others): (Vec<_>, Vec<_>) = told.partition(|frame| done(frame));
    let chosen: BTreeSet<usize> =
        spread(others.len(), wanted.saturating_sub(looked_at.len())).collect();
    let others = others.into_iter().enumerate();
    others.filter_map(move |(place, frame)| chosen.contains(&place).then_some(frame))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_are_looked_at_in_place_of_frames_that_show_nothing() {
        // Looked for objects: the first, the middle and the last of five, chosen by place.
        let substitutes_of = |told: [bool; 5], searched: [bool; 5], wanted: usize| {
            let mut frames: Vec<FrameFindings> = (0..5)
                .map(|index| {
                    let view = View {
                        index,
                        picture: RgbImage::new(1, 1),
                        size: (1, 1),
                    };
                    FrameFindings {
                        tells: told[index],
                        objects: searched[index].then(Vec::new),
                        ..FrameFindings::new(view, true)
                    }
                })
                .collect();
            let found = substitutes(&mut frames, wanted, |it| it.objects.is_some());
            found.map(|frame| frame.view.index).collect::<Vec<usize>>()
        };
        let (yes, no) = (true, false);
        let searched = [yes, no, yes, no, yes];
        for (told, expected) in [
            ([yes; 5], vec![]),
            ([yes, no, yes, no, yes], vec![]),
            ([yes, yes, no, yes, yes], vec![3]),
            ([no, yes, no, yes, no], vec![1, 3]),
            ([no, yes, no, no, no], vec![1]),
            ([no; 5], vec![]),
        ] {
            assert_eq!(substitutes_of(told, searched, 3), expected, "{told:?}");
        }
        assert_eq!(substitutes_of([yes; 5], [no; 5], 1), [2]);
    }
}
