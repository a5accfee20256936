//! From folders to sequences: which files belong together, and which modality they are.
//!
//! Nothing is opened here but folders. Links are followed; one that leads back into a folder above it is
//! left out, so a loop ends.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use cosmos_core::files;
use cosmos_core::modality::Modality;
use cosmos_core::progress::Cancel;

use super::error::FramesError;
use super::header::{Fault, FileFormat, reason};
use super::name::{self, Certainty, Shown, escaped};
use super::pattern::FramePattern;
use super::report::{Problem, Unrelated};
use super::sequence::Padding;

/// A numbered file.
pub(super) struct FoundFile {
    pub number: u64,
    pub digits: usize,
    pub path: PathBuf,
    /// Set when the folder entry alone shows that the file cannot be a frame.
    pub fault: Option<Fault>,
}

/// Numbered files whose names are otherwise alike, by number and then by name.
pub(super) struct Found {
    pub folder: PathBuf,
    /// What stands before the number.
    pub head: String,
    /// What stands between the number and the extension.
    pub suffix: String,
    /// The extension of the first file, as it is written.
    pub extension: String,
    /// Never empty.
    pub files: Vec<FoundFile>,
}

impl Found {
    fn new(folder: &Path, head: &str, suffix: &str, mut files: Vec<FoundFile>) -> Self {
        files.sort_by(|a, b| (a.number, &a.path).cmp(&(b.number, &b.path)));
        let first = files.first().and_then(|file| file.path.extension());
        Self {
            folder: folder.to_owned(),
            head: head.to_owned(),
            suffix: suffix.to_owned(),
            extension: first.map_or_else(String::new, |text| text.to_string_lossy().into_owned()),
            files,
        }
    }

    pub fn padding(&self) -> Padding {
        Padding::of(self.files.iter().map(|file| (file.number, file.digits)))
    }

    /// What stands before and after the number.
    pub fn around(&self) -> (String, String) {
        let Self {
            suffix, extension, ..
        } = self;
        (self.head.clone(), format!("{suffix}.{extension}"))
    }

    /// The file names as a pattern that can be printed.
    pub fn pattern(&self) -> String {
        let (head, tail) = self.around();
        escaped(&format!(
            "{head}{}{tail}",
            "#".repeat(self.padding().width())
        ))
    }

    /// The pattern with the folder before it.
    pub fn full_pattern(&self) -> String {
        Shown(&self.folder.join(self.pattern())).to_string()
    }

    /// The pattern, quoted for a shell.
    pub fn shell_pattern(&self) -> String {
        format!("'{}'", self.pattern().replace('\'', r"'\''"))
    }

    /// The name of the sequence: the head without its separator, else what stands behind the number.
    pub fn name(&self) -> &str {
        let separators = ['.', '_', '-', ' '];
        let name = self.head.trim_end_matches(separators);
        if name.is_empty() {
            self.suffix.trim_matches(separators)
        } else {
            name
        }
    }

    fn modality(&self) -> Option<(Modality, String, Certainty)> {
        name::find_modality(&self.suffix).or_else(|| name::find_modality(&self.head))
    }
}

/// What a folder holds.
#[derive(Default)]
pub(super) struct Listing {
    /// Numbered images of the formats that are read, by name.
    pub sequences: Vec<Found>,
    /// Numbered images of other formats, and the name of the format.
    pub foreign: Vec<(Found, &'static str)>,
    /// All other files.
    pub others: Vec<PathBuf>,
    /// Subfolders.
    pub folders: Vec<PathBuf>,
}

/// What an image with this extension is called, if it is of a format that renderers write but that is not
/// read here.
fn foreign_format(extension: &str) -> Option<&'static str> {
    Some(match extension {
        "exr" => "OpenEXR",
        "hdr" | "pic" => "Radiance HDR",
        "tga" => "Targa",
        "dpx" => "DPX",
        "cin" => "Cineon",
        "rat" => "Houdini RAT",
        "iff" => "IFF",
        "sgi" | "rgb" | "rgba" => "SGI",
        "jp2" | "j2c" | "j2k" => "JPEG 2000",
        "jxl" => "JPEG XL",
        "avif" => "AVIF",
        "heic" | "heif" => "HEIF",
        "psd" => "Photoshop",
        "gif" => "GIF",
        "ppm" | "pgm" | "pnm" | "pfm" => "Netpbm",
        "tx" => "TX texture",
        _ => return None,
    })
}

/// What files of one sequence share: unreadable format, and the bytes before and after the number. Bytes,
/// since names that print alike may differ.
type GroupKey = (Option<&'static str>, Vec<u8>, Vec<u8>);

/// Reads the folder `folder`. With a `pattern`, the files that fit it are the only sequence, whatever
/// their extension.
pub(super) fn list(
    folder: &Path,
    pattern: Option<&FramePattern>,
    cancel: &Cancel,
) -> Result<Listing, FramesError> {
    let unreadable = |source| FramesError::Unreadable {
        path: folder.to_owned(),
        source,
    };
    let mut groups: BTreeMap<GroupKey, Vec<FoundFile>> = BTreeMap::new();
    let mut listing = Listing::default();
    let mut picked = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        if cancel.is_cancelled() {
            return Err(FramesError::Cancelled);
        }
        let entry = entry.map_err(unreadable)?;
        let file_name = entry.file_name();
        if name::is_ignored(&file_name) {
            continue;
        }
        let path = entry.path();
        let fault = match entry_kind(&entry) {
            Kind::Folder => {
                listing.folders.push(path);
                continue;
            }
            Kind::File => None,
            Kind::Bad(fault) => Some(fault),
        };
        if let Some(pattern) = pattern {
            match pattern.frame_number(&file_name) {
                Some((number, digits)) => picked.push(FoundFile {
                    number,
                    digits,
                    path,
                    fault,
                }),
                None => listing.others.push(path),
            }
            continue;
        }
        let parsed = name::parse(&file_name).and_then(|parsed| {
            let foreign = foreign_format(&parsed.extension);
            let known = foreign.is_some() || FileFormat::of_extension(&parsed.extension).is_some();
            known.then_some((parsed, foreign))
        });
        match parsed {
            Some((parsed, foreign)) => groups
                .entry((foreign, parsed.head.to_vec(), parsed.suffix.to_vec()))
                .or_default()
                .push(FoundFile {
                    number: parsed.number,
                    digits: parsed.digits,
                    path,
                    fault,
                }),
            None => listing.others.push(path),
        }
    }
    if let Some(pattern) = pattern
        && !picked.is_empty()
    {
        let (head, tail) = pattern.around();
        let suffix = Path::new(tail)
            .extension()
            .and_then(OsStr::to_str)
            .and_then(|extension| tail.strip_suffix(extension)?.strip_suffix('.'));
        let found = Found::new(folder, head, suffix.unwrap_or_default(), picked);
        listing.sequences.push(found);
    }
    for ((foreign, head, suffix), files) in groups {
        let (head, suffix) = (
            String::from_utf8_lossy(&head),
            String::from_utf8_lossy(&suffix),
        );
        let found = Found::new(folder, &head, &suffix, files);
        match foreign {
            Some(format) => listing.foreign.push((found, format)),
            None => listing.sequences.push(found),
        }
    }
    listing.others.sort();
    listing.folders.sort();
    Ok(listing)
}

enum Kind {
    Folder,
    File,
    Bad(Fault),
}

fn entry_kind(entry: &fs::DirEntry) -> Kind {
    let path = entry.path();
    let kind = |kind: fs::FileType| {
        if kind.is_dir() {
            Kind::Folder
        } else if kind.is_file() {
            Kind::File
        } else {
            Kind::Bad(Fault::NotAFile {
                found: files::kind_in_words(kind),
            })
        }
    };
    match entry.file_type() {
        Ok(file_type) if !file_type.is_symlink() => kind(file_type),
        _ => match fs::metadata(&path) {
            Ok(metadata) => kind(metadata.file_type()),
            Err(error) => Kind::Bad(match fs::read_link(&path) {
                Ok(target) if error.kind() == io::ErrorKind::NotFound => Fault::DanglingLink {
                    target: Shown(&target).to_string(),
                },
                _ => error.into(),
            }),
        },
    }
}

/// A sequence that claims a modality.
pub(super) struct Source {
    pub modality: Modality,
    /// The word that named the modality.
    pub word: String,
    pub found: Found,
    /// The format, if it is one that is not read.
    pub foreign: Option<&'static str>,
}

/// Everything in a folder of modalities.
#[derive(Default)]
pub(super) struct Contents {
    pub sources: Vec<Source>,
    /// Patterns of readable sequences that name no modality.
    pub unnamed: Vec<String>,
    pub unrelated: Unrelated,
    pub problems: Vec<Problem>,
    /// Unreadable formats of sequences that name no modality: pattern, name of the format, file count.
    pub unnamed_foreign: Vec<(String, &'static str, usize)>,
}

/// Finds the sequences of the shot in `root`: side by side, in a subfolder a modality, or either of them one
/// level deeper.
pub(super) fn shot(root: &Path, cancel: &Cancel) -> Result<Contents, FramesError> {
    let mut contents = Contents::default();
    let mut listing = list(root, None, cancel)?;
    let folders = std::mem::take(&mut listing.folders);
    contents.take_side_by_side(root, listing);
    for folder in folders {
        if leads_up(&folder) {
            contents.unrelated.add(below(root, &folder) + "/", 1);
            continue;
        }
        let Some(mut listing) = contents.list_below(&folder, cancel)? else {
            continue;
        };
        let subfolders = std::mem::take(&mut listing.folders);
        let is_modality = contents.take_folder(root, &folder, listing);
        for subfolder in subfolders {
            let name = subfolder.file_name().unwrap_or_default().to_string_lossy();
            if is_modality || name::find_modality(&name).is_none() || leads_up(&subfolder) {
                contents.unrelated.add(below(root, &subfolder) + "/", 1);
            } else if let Some(mut listing) = contents.list_below(&subfolder, cancel)? {
                for deeper in std::mem::take(&mut listing.folders) {
                    contents.unrelated.add(below(root, &deeper) + "/", 1);
                }
                contents.take_folder(root, &subfolder, listing);
            }
        }
    }
    Ok(contents)
}

impl Contents {
    /// Lists a subfolder; one that cannot be read is a problem of the shot.
    fn list_below(
        &mut self,
        folder: &Path,
        cancel: &Cancel,
    ) -> Result<Option<Listing>, FramesError> {
        match list(folder, None, cancel) {
            Ok(listing) => Ok(Some(listing)),
            Err(FramesError::Unreadable { path, source }) => {
                self.problems.push(Problem::UnreadableFolder {
                    path,
                    reason: reason(&source),
                });
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Takes the sequences of a subfolder, and says whether its name decides on their modality.
    fn take_folder(&mut self, root: &Path, folder: &Path, listing: Listing) -> bool {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let Some((modality, word, certainty)) = name::find_modality(&name) else {
            self.take_side_by_side(root, listing);
            return false;
        };
        let names_itself = |found: &Found| {
            found
                .modality()
                .is_some_and(|(_, _, certainty)| certainty > Certainty::Vague)
        };
        // A folder `city_depth_test` or `final` may well hold a whole shot.
        let decides = match certainty {
            Certainty::Whole => true,
            Certainty::Word => listing.sequences.len() == 1,
            Certainty::Vague => !listing.sequences.iter().any(names_itself),
        };
        if !decides {
            self.take_side_by_side(root, listing);
            return false;
        }
        let Listing {
            sequences,
            foreign,
            others,
            ..
        } = listing;
        let readable = sequences.into_iter().map(|found| (found, None));
        let foreign = foreign
            .into_iter()
            .map(|(found, format)| (found, Some(format)));
        let mut found: Vec<_> = readable.chain(foreign).collect();
        let is_named = |found: &Found| {
            found
                .modality()
                .is_some_and(|(named, ..)| named == modality)
        };
        let readable_named = found
            .iter()
            .filter(|(found, foreign)| foreign.is_none() && is_named(found))
            .count();
        if readable_named == 1 {
            found.retain(|(found, foreign)| {
                let keep = foreign.is_some() || is_named(found);
                if !keep {
                    self.add_unrelated(root, found);
                }
                keep
            });
        }
        for (found, foreign) in found {
            self.sources.push(Source {
                modality,
                word: word.clone(),
                found,
                foreign,
            });
        }
        self.add_others(root, others);
        true
    }

    /// Takes sequences whose own names tell their modality.
    fn take_side_by_side(&mut self, root: &Path, listing: Listing) {
        let readable = listing.sequences.into_iter().map(|found| (found, None));
        let foreign = listing
            .foreign
            .into_iter()
            .map(|(found, format)| (found, Some(format)));
        for (found, foreign) in readable.chain(foreign) {
            match found.modality() {
                Some((modality, word, _)) => self.sources.push(Source {
                    modality,
                    word,
                    found,
                    foreign,
                }),
                None => {
                    match foreign {
                        None => self.unnamed.push(found.pattern()),
                        Some(format) => {
                            let entry = (found.pattern(), format, found.files.len());
                            self.unnamed_foreign.push(entry);
                        }
                    }
                    self.add_unrelated(root, &found);
                }
            }
        }
        self.add_others(root, listing.others);
    }

    /// Counts a sequence among the unrelated files.
    pub fn add_unrelated(&mut self, root: &Path, found: &Found) {
        let count = found.files.len();
        let name = match found.files.as_slice() {
            [file] => below(root, &file.path),
            _ => below(root, &found.folder.join(found.pattern())),
        };
        self.unrelated.add(name, count);
    }

    fn add_others(&mut self, root: &Path, others: Vec<PathBuf>) {
        for path in others {
            self.unrelated.add(below(root, &path), 1);
        }
    }
}

/// `path` as seen from `root`, fit to print.
fn below(root: &Path, path: &Path) -> String {
    Shown(path.strip_prefix(root).unwrap_or(path)).to_string()
}

/// Whether `folder` is a link to a folder that it lies in.
fn leads_up(folder: &Path) -> bool {
    let is_link = fs::symlink_metadata(folder).is_ok_and(|metadata| metadata.is_symlink());
    let home = folder.parent().map(fs::canonicalize);
    match (is_link, fs::canonicalize(folder), home) {
        (true, Ok(target), Some(Ok(home))) => home.starts_with(&target),
        _ => false,
    }
}
