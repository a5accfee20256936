//! From folders to sequences: which files belong together, and which modality they are.
//!
//! Nothing is opened here but folders. Links are followed; one that leads back into a folder above it is
//! left out, so a loop ends.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use cosmos_core::files;
use cosmos_core::modality::Modality;
use cosmos_core::progress::Cancel;

use super::choice::{MapRule, shot_fits};
use super::error::FramesError;
use super::header::{Fault, FileFormat, reason};
use super::name::{self, Certainty, FrameName, Shown, escaped};
use super::pattern::FramePattern;
use super::report::{Problem, Unrelated};
use super::sequence::Padding;

/// A numbered file.
#[derive(Clone)]
pub(super) struct FoundFile {
    pub number: u64,
    pub digits: usize,
    pub path: PathBuf,
    /// Set when the folder entry alone shows that the file cannot be a frame.
    pub fault: Option<Fault>,
}

/// Numbered files whose names are otherwise alike, by number and then by name.
#[derive(Clone)]
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

    /// The pattern as seen from `root`.
    pub fn pattern_below(&self, root: &Path) -> String {
        below(root, &self.folder.join(self.pattern()))
    }

    /// Whether `other` is the same sequence.
    fn is_same(&self, other: &Self) -> bool {
        let key = |found: &Self| found.files.first().map(|file| file.path.clone());
        key(self) == key(other)
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

/// A name read in one way.
struct Numbered {
    key: GroupKey,
    number: u64,
    digits: usize,
}

impl Numbered {
    fn new(parsed: &FrameName<'_>, foreign: Option<&'static str>) -> Self {
        Self {
            key: (foreign, parsed.head.to_vec(), parsed.suffix.to_vec()),
            number: parsed.number,
            digits: parsed.digits,
        }
    }
}

/// A numbered file whose number may be one of two.
struct NamedFile {
    usual: Numbered,
    before_suffix: Option<Numbered>,
    path: PathBuf,
    fault: Option<Fault>,
}

/// Files by what their names share. Digits of a suffix count as the frame number unless that tears apart what is one
/// sequence otherwise: `turn 0001_v1.png`, `turn 0002_v1.png`.
fn grouped(named: Vec<NamedFile>) -> BTreeMap<GroupKey, Vec<FoundFile>> {
    let mut usual: HashMap<GroupKey, usize> = HashMap::new();
    for file in &named {
        *usual.entry(file.usual.key.clone()).or_default() += 1;
    }
    // How many files a reading puts together, and how many the usual one of any of them does.
    let mut before_suffix: HashMap<GroupKey, (usize, usize)> = HashMap::new();
    for file in &named {
        if let Some(numbered) = &file.before_suffix {
            let largest = usual.get(&file.usual.key).copied().unwrap_or(0);
            let counts = before_suffix.entry(numbered.key.clone()).or_default();
            *counts = (counts.0 + 1, counts.1.max(largest));
        }
    }
    let mut groups: BTreeMap<GroupKey, Vec<FoundFile>> = BTreeMap::new();
    for file in named {
        let joins = |numbered: &Numbered| {
            let counts = before_suffix.get(&numbered.key);
            counts.is_some_and(|(together, usual)| together > usual)
        };
        let Numbered {
            key,
            number,
            digits,
        } = file.before_suffix.filter(joins).unwrap_or(file.usual);
        groups.entry(key).or_default().push(FoundFile {
            number,
            digits,
            path: file.path,
            fault: file.fault,
        });
    }
    groups
}

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
    let mut named: Vec<NamedFile> = Vec::new();
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
            Some((parsed, foreign)) => named.push(NamedFile {
                usual: Numbered::new(&parsed, foreign),
                before_suffix: name::parse_before_suffix(&file_name)
                    .map(|parsed| Numbered::new(&parsed, foreign)),
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
    for ((foreign, head, suffix), files) in grouped(named) {
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
    /// The name that tells the modality: that of the sequence, or of its folder.
    pub naming: String,
    /// Whether the user said that it is this modality.
    pub is_mapped: bool,
}

impl Source {
    fn new(
        (modality, word): (Modality, String),
        found: Found,
        foreign: Option<&'static str>,
        naming: String,
    ) -> Self {
        Self {
            modality,
            word,
            found,
            foreign,
            naming,
            is_mapped: false,
        }
    }

    /// The words that tell the shot, of all folders below `root` and of the file names.
    pub fn shot_words(&self, root: &Path) -> Vec<String> {
        let folder = self
            .found
            .folder
            .strip_prefix(root)
            .unwrap_or(Path::new(""));
        let path = folder.join(format!("{} {}", self.found.head, self.found.suffix));
        name::shot_words(&path.to_string_lossy())
    }

    /// How well its name fits the modality, best first: what is made for the models, what is nothing else, what is
    /// a second choice, what may be anything; and the fewer words, the better.
    pub fn rank(&self) -> (u8, usize) {
        const SECOND: [&str; 7] = [
            "indexma",
            "matid",
            "mtlid",
            "materialid",
            "materialindex",
            "cryptomaterial",
            "cryptoasset",
        ];
        let group = match self.word.as_str() {
            "shadedseg" => 0,
            word if name::is_vague(word) => 3,
            word if SECOND.contains(&word) => 2,
            _ => 1,
        };
        // A modality of several words counts as one.
        let words = name::words_in_name(&self.naming).len();
        let own = name::words_of_alias(&self.naming, &self.word);
        (group, (words + 1).saturating_sub(own))
    }
}

/// Everything in a folder of modalities.
#[derive(Default)]
pub(super) struct Contents {
    pub sources: Vec<Source>,
    /// Readable sequences that name no modality. They are among the unrelated.
    pub unnamed: Vec<Found>,
    pub unrelated: Unrelated,
    pub problems: Vec<Problem>,
    /// Unreadable formats of sequences that name no modality: pattern, name of the format, file count.
    pub unnamed_foreign: Vec<(String, &'static str, usize)>,
}

/// Finds the sequences of the shot in `root`: side by side, in a subfolder a modality, or either of them one
/// level deeper.
///
/// Sequences that `map` names are taken first, wherever they lie down to two folders deep.
pub(super) fn shot(root: &Path, map: &[MapRule], cancel: &Cancel) -> Result<Contents, FramesError> {
    let mut contents = Contents::default();
    contents.take_mapped(root, map, cancel)?;
    let mut listing = list(root, None, cancel)?;
    contents.leave_mapped(&mut listing);
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
                let is_mapped =
                    |source: &Source| source.is_mapped && source.found.folder == subfolder;
                if !contents.sources.iter().any(is_mapped) {
                    contents.unrelated.add(below(root, &subfolder) + "/", 1);
                }
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
    /// Takes the sequences that `map` names.
    fn take_mapped(
        &mut self,
        root: &Path,
        map: &[MapRule],
        cancel: &Cancel,
    ) -> Result<(), FramesError> {
        if map.is_empty() {
            return Ok(());
        }
        let all = all_below(root, cancel)?;
        for rule in map {
            let mut fitting = all.iter().filter(|found| rule.fits(root, found)).peekable();
            if fitting.peek().is_none() && rule.is_required {
                return Err(FramesError::MapMatchedNothing {
                    folder: root.to_owned(),
                    rule: rule.to_string(),
                    patterns: all.iter().map(|found| found.pattern_below(root)).collect(),
                });
            }
            for found in fitting {
                let word = rule.name.clone();
                let source = Source::new((rule.modality, word.clone()), found.clone(), None, word);
                self.sources.push(Source {
                    is_mapped: true,
                    ..source
                });
            }
        }
        Ok(())
    }

    /// Takes out of `listing` what is mapped already.
    fn leave_mapped(&self, listing: &mut Listing) {
        listing.sequences.retain(|found| {
            let is_it = |source: &Source| source.is_mapped && source.found.is_same(found);
            !self.sources.iter().any(is_it)
        });
    }

    /// Keeps the sources of the shot that is called `wanted`, and those that name no shot where the shot has none of
    /// that modality.
    pub fn keep_shot(&mut self, root: &Path, wanted: &str) -> Result<(), FramesError> {
        let all = std::mem::take(&mut self.sources);
        let names: BTreeSet<String> = all
            .iter()
            .map(|source| source.shot_words(root).join("_"))
            .filter(|name| !name.is_empty())
            .collect();
        let (mut kept, rest): (Vec<Source>, Vec<Source>) = all
            .into_iter()
            .partition(|source| source.is_mapped || shot_fits(wanted, &source.shot_words(root)));
        if kept.is_empty() {
            return Err(FramesError::NoSuchShot {
                folder: root.to_owned(),
                shot: wanted.to_owned(),
                shots: names.into_iter().collect(),
            });
        }
        for source in rest {
            let is_shared = source.shot_words(root).is_empty();
            if is_shared && kept.iter().all(|kept| kept.modality != source.modality) {
                kept.push(source);
            } else {
                self.add_unrelated(root, &source.found);
            }
        }
        self.sources = kept;
        Ok(())
    }

    /// Makes the only sequence of the folder `root` color, where nothing in it or in the folder's name speaks against
    /// it.
    pub fn take_plain_color(&mut self, root: &Path) {
        let [found] = self.unnamed.as_slice() else {
            return;
        };
        let folder = found
            .folder
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        let names = [folder.as_ref(), &found.head, &found.suffix];
        let speaks_against = names.into_iter().any(|name| {
            name::is_other_pass(name)
                || name::find_modality(name).is_some_and(|(m, ..)| m != Modality::Color)
        });
        // One OpenEXR file a frame has color in it, beside passes in files of their own.
        let is_exr = found.suffix.to_ascii_lowercase().ends_with(".exr");
        let has_color = self
            .sources
            .iter()
            .any(|source| source.modality == Modality::Color);
        let is_alone = (self.sources.is_empty() || is_exr && !has_color)
            && self.problems.is_empty()
            && self.unnamed_foreign.is_empty();
        if speaks_against || !is_alone {
            return;
        }
        if let Some(found) = self.unnamed.pop() {
            self.unrelated
                .remove(&Self::name_of(root, &found), found.files.len());
            let word = found.pattern_below(root);
            let source = Source::new((Modality::Color, word.clone()), found, None, word);
            self.sources.push(source);
        }
    }

    /// Lists a subfolder; one that cannot be read is a problem of the shot.
    fn list_below(
        &mut self,
        folder: &Path,
        cancel: &Cancel,
    ) -> Result<Option<Listing>, FramesError> {
        match list(folder, None, cancel) {
            Ok(mut listing) => {
                self.leave_mapped(&mut listing);
                Ok(Some(listing))
            }
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
            let source = Source::new((modality, word.clone()), found, foreign, name.to_string());
            self.sources.push(source);
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
                Some((modality, word, _)) => {
                    let naming = format!("{} {}", found.head, found.suffix);
                    let source = Source::new((modality, word), found, foreign, naming);
                    self.sources.push(source);
                }
                None => {
                    self.add_unrelated(root, &found);
                    match foreign {
                        None => self.unnamed.push(found),
                        Some(format) => {
                            let entry = (found.pattern(), format, found.files.len());
                            self.unnamed_foreign.push(entry);
                        }
                    }
                }
            }
        }
        self.add_others(root, listing.others);
    }

    /// Counts a sequence among the unrelated files.
    pub fn add_unrelated(&mut self, root: &Path, found: &Found) {
        self.unrelated
            .add(Self::name_of(root, found), found.files.len());
    }

    /// What a sequence is called among the unrelated files.
    fn name_of(root: &Path, found: &Found) -> String {
        match found.files.as_slice() {
            [file] => below(root, &file.path),
            _ => found.pattern_below(root),
        }
    }

    fn add_others(&mut self, root: &Path, others: Vec<PathBuf>) {
        for path in others {
            self.unrelated.add(below(root, &path), 1);
        }
    }
}

/// The readable sequences in `root`, down to two folders deep.
fn all_below(root: &Path, cancel: &Cancel) -> Result<Vec<Found>, FramesError> {
    let mut all = Vec::new();
    let mut folders = vec![(root.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let listing = match list(&folder, None, cancel) {
            Ok(listing) => listing,
            // A subfolder that cannot be read is a problem that is told where the shot is looked for.
            Err(FramesError::Unreadable { .. }) if depth > 0 => continue,
            Err(error) => return Err(error),
        };
        all.extend(listing.sequences);
        if depth < 2 {
            let below = listing.folders.into_iter().filter(|below| !leads_up(below));
            folders.extend(below.map(|below| (below, depth + 1)));
        }
    }
    all.sort_by(|a, b| (&a.folder, &a.head, &a.suffix).cmp(&(&b.folder, &b.head, &b.suffix)));
    Ok(all)
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
