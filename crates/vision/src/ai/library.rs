//! Looks at a shared library before any of its code runs.
//!
//! A cut-off library must not be loaded: the process would die of SIGBUS at the first page that is missing.

use std::env::consts::ARCH;
use std::fs::File;
use std::io;
use std::path::Path;

use cosmos_core::files;
use object::elf::{FileHeader64, PT_LOAD};
use object::read::elf::{FileHeader, ProgramHeader};
use object::{Architecture, Endianness, Object, ObjectSymbol, ReadCache, elf};

use super::error::{AiError, LibraryDefect};

type Elf<'data> =
    object::read::elf::ElfFile<'data, FileHeader64<Endianness>, &'data ReadCache<File>>;

/// What a library says of itself.
#[derive(Debug, PartialEq, Eq)]
pub struct Inspected {
    /// The version that its symbols carry, `1.32.0`; `None` where they carry none.
    pub version: Option<String>,
}

/// Checks that the file at `path` is a complete onnxruntime for this machine.
pub fn inspect(path: &Path) -> Result<Inspected, AiError> {
    let read = |source| AiError::io("read", path, source);
    let broken = |defect| AiError::RuntimeBroken {
        path: path.to_owned(),
        defect,
    };
    let file = files::open(path).map_err(|source| match source.kind() {
        io::ErrorKind::IsADirectory => broken(LibraryDefect::NotALibrary),
        _ => read(source),
    })?;
    let metadata = file.metadata().map_err(read)?;
    let data = ReadCache::new(file);
    inspect_elf(&data, metadata.len()).map_err(broken)
}

fn inspect_elf(data: &ReadCache<File>, length: u64) -> Result<Inspected, LibraryDefect> {
    let not_a_library = |_| LibraryDefect::NotALibrary;
    let header = FileHeader64::<Endianness>::parse(data).map_err(not_a_library)?;
    let endian = header.endian().map_err(not_a_library)?;
    if header.e_type(endian) != elf::ET_DYN {
        return Err(LibraryDefect::NotALibrary);
    }
    // The table of sections ends a complete library; the segments are what the system maps.
    let sections = u64::from(header.e_shnum(endian)) * u64::from(header.e_shentsize(endian));
    let table_end = header.e_shoff(endian).saturating_add(sections);
    let truncated = |expected| LibraryDefect::Truncated {
        expected,
        found: length,
    };
    if table_end > length {
        return Err(truncated(table_end));
    }
    for segment in header
        .program_headers(endian, data)
        .map_err(not_a_library)?
    {
        let (offset, size) = segment.file_range(endian);
        let end = offset.saturating_add(size);
        if segment.p_type(endian) == PT_LOAD && end > length {
            return Err(truncated(end));
        }
    }
    let file = Elf::parse(data).map_err(not_a_library)?;
    let found = file.architecture();
    if !is_this_machine(found) {
        return Err(LibraryDefect::WrongArchitecture {
            expected: ARCH,
            found: format!("{found:?}").to_lowercase(),
        });
    }
    let has_entry_point = file
        .dynamic_symbols()
        .any(|symbol| symbol.is_definition() && symbol.name() == Ok("OrtGetApiBase"));
    if !has_entry_point {
        return Err(LibraryDefect::NoEntryPoint);
    }
    Ok(Inspected {
        version: version(&file),
    })
}

fn is_this_machine(architecture: Architecture) -> bool {
    match ARCH {
        "x86_64" => architecture == Architecture::X86_64,
        "aarch64" => architecture == Architecture::Aarch64,
        // The system says it when it loads the library.
        _ => true,
    }
}

/// Onnxruntime's build gives its symbols a version node named `VERS_` and the release.
fn version(file: &Elf<'_>) -> Option<String> {
    let endian = file.endian();
    let sections = file.elf_section_table();
    let (mut definitions, link) = sections.gnu_verdef(endian, file.data()).ok()??;
    let strings = sections.strings(endian, file.data(), link).ok()?;
    while let Ok(Some((_, mut names))) = definitions.next() {
        while let Ok(Some(name)) = names.next() {
            let text = name
                .name(endian, strings)
                .ok()
                .and_then(|name| std::str::from_utf8(name).ok());
            if let Some(version) = text.and_then(|text| text.strip_prefix("VERS_")) {
                return Some(version.to_owned());
            }
        }
    }
    None
}
