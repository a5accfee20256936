//! Finds, checks and loads onnxruntime, once a process.

use std::error::Error as _;
use std::num::NonZeroUsize;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::{fmt, fs, io, thread};

use ort::LoadDynamicError;
use ort::environment::Environment;
use ort::ep::{self, ExecutionProvider};
use ort::logging::LogLevel;
use ort::session::Session;
use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};
use serde::{Deserialize, Serialize};

use super::error::{AiError, LibraryDefect, OLDEST_RUNTIME};
use super::library;
use super::places::Places;

/// The name of the engine's library; a version may follow it.
pub(super) const LIBRARY: &str = "libonnxruntime.so";

/// The environment variable, and its value, that keeps onnxruntime from recording what is done with it and
/// sending that to its makers, which since 1.29 it does from the moment it is loaded
/// (<https://github.com/microsoft/onnxruntime/pull/27379>). Its code for telemetry reads the environment of the C library,
/// and offers no other switch before it is loaded.
const NO_TELEMETRY: (&str, &str) = ("ORT_DISABLE_TELEMETRY", "1");

/// Keeps onnxruntime from reporting on its use, by the variable `ORT_DISABLE_TELEMETRY` of this process.
/// [`Runtime::load`] does it; a program can do it earlier, before it starts threads.
#[expect(
    unsafe_code,
    reason = "a process has no other way to set a variable for itself"
)]
pub fn keep_telemetry_off() {
    let (switch, off) = NO_TELEMETRY;
    if std::env::var_os(switch).is_some_and(|value| value == off) {
        return;
    }
    // SAFETY: Rust's own readers and writers of the environment take turns with this. C code that reads it on another
    // thread at this moment sees the variables as they were or as they are: the C libraries that onnxruntime is built
    // for keep the block that a process started with, which is what the first change of it leaves behind. A program that
    // changes variables by C calls elsewhere has to call this function before it starts threads, as the page says.
    unsafe { std::env::set_var(switch, off) };
}

/// More threads do not make networks of this size quicker.
const MAX_THREADS: usize = 4;

/// What the networks are computed on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Device {
    /// The processor.
    #[default]
    Cpu,
    /// An NVIDIA GPU.
    Cuda,
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
        })
    }
}

/// How the engine is to work.
#[derive(Clone, Debug, Default)]
pub struct RuntimeOptions {
    /// What to compute on. [`Device::Cuda`] is a wish: see [`Runtime::warning`].
    pub device: Device,
    /// Threads a session computes with; `None` for half of the processors, one to four of them, so that an
    /// encode beside it is not starved.
    pub threads: Option<NonZeroUsize>,
    /// Whether threads that wait for one another spin: quicker, but it takes the processors from what works beside,
    /// such as an encode.
    pub spinning: bool,
    /// Whether graphs optimized for this processor are cached in the user's cache folder, so that they load in a
    /// third of the time the next time.
    pub keep_graphs: bool,
    /// Where to look for the library.
    pub places: Places,
}

impl RuntimeOptions {
    /// The defaults, with the places of this process.
    #[must_use]
    pub fn of_process() -> Self {
        Self {
            places: Places::of_process(),
            ..Self::default()
        }
    }
}

/// The engine, loaded. Clones share it.
#[derive(Clone)]
pub struct Runtime {
    loaded: Loaded,
    device: Device,
    threads: usize,
    spinning: bool,
    kept_graphs: Option<PathBuf>,
    warning: Option<String>,
}

/// What a process can have only one of.
#[derive(Clone)]
struct Loaded {
    environment: Environment,
    library: PathBuf,
    version: String,
}

static LOADED: Mutex<Option<Loaded>> = Mutex::new(None);

impl Runtime {
    /// Loads the engine, or takes the one that this process has loaded before, wherever that came from.
    ///
    /// Looked for are, in this order: the file that `ORT_DYLIB_PATH` names; `libonnxruntime.so` (or the newest
    /// `libonnxruntime.so.*`) beside the program; the same in `lib` in the user's data folder; what the system
    /// knows by this name. The first one that is there is taken, and is an error if it does not serve.
    ///
    /// # Errors
    /// The `Runtime...` kinds of [`AiError`], [`AiError::Engine`] and [`AiError::Io`].
    pub fn load(options: &RuntimeOptions) -> Result<Self, AiError> {
        keep_telemetry_off();
        let mut slot = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        let loaded = match &*slot {
            Some(loaded) => loaded.clone(),
            None => slot.insert(load(&options.places)?).clone(),
        };
        drop(slot);
        let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let mut runtime = Self {
            loaded,
            device: Device::Cpu,
            threads: options
                .threads
                .map_or((processors / 2).clamp(1, MAX_THREADS), NonZeroUsize::get),
            spinning: options.spinning,
            kept_graphs: options.places.kept_graphs().filter(|_| options.keep_graphs),
            warning: None,
        };
        if options.device == Device::Cuda {
            match runtime.builder().and_then(with_cuda) {
                Ok(_) => runtime.device = Device::Cuda,
                Err(error) => {
                    let reason = error.message().lines().next().unwrap_or_default();
                    runtime.warning = Some(format!("the GPU is not used: {reason}"));
                }
            }
        }
        Ok(runtime)
    }

    /// The library that was loaded; a bare name where the system found it.
    #[must_use]
    pub fn library(&self) -> &Path {
        &self.loaded.library
    }

    /// The engine's version: `1.32.0`, or `1.32` where the library does not say more.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.loaded.version
    }

    /// What is computed on.
    #[must_use]
    pub fn device(&self) -> Device {
        self.device
    }

    /// Threads that a session computes with.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Why the processor is used although the GPU was asked for.
    #[must_use]
    pub fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }

    /// Loads the ONNX graph in the file `model`.
    ///
    /// # Errors
    /// [`AiError::TooNew`] and [`AiError::Load`].
    pub fn session(&self, model: &Path) -> Result<Session, AiError> {
        let built = self.builder().and_then(|builder| match self.device {
            Device::Cpu => Ok(builder),
            Device::Cuda => with_cuda(builder),
        });
        built
            .and_then(|builder| optimized(builder)?.commit_from_file(model))
            .map_err(|source| {
                let path = model.to_owned();
                if is_too_new(source.message()) {
                    AiError::TooNew { path, source }
                } else {
                    AiError::Load { path, source }
                }
            })
    }

    /// The cache folder of the graphs that were optimized for this processor; `None` if they are not cached.
    pub(super) fn kept_graphs(&self) -> Option<&Path> {
        let is_used = self.device == Device::Cpu;
        self.kept_graphs.as_deref().filter(|_| is_used)
    }

    /// Loads the ONNX graph in the file `model`, and writes to `ready` what [`ready_session`](Self::ready_session)
    /// loads.
    pub(super) fn session_that_writes(&self, model: &Path, ready: &Path) -> ort::Result<Session> {
        optimized(self.builder()?)?
            .with_optimized_model_path(ready)?
            .commit_from_file(model)
    }

    /// Loads an optimized graph from the cache.
    pub(super) fn ready_session(&self, ready: &Path) -> ort::Result<Session> {
        self.builder()?
            .with_optimization_level(GraphOptimizationLevel::Disable)?
            .commit_from_file(ready)
    }

    fn builder(&self) -> ort::Result<SessionBuilder> {
        let builder = Session::builder(&self.loaded.environment)?
            .with_intra_threads(self.threads)?
            .with_inter_threads(1)?
            .with_intra_op_spinning(self.spinning)?
            .with_log_level(LogLevel::Warning)?;
        Ok(builder)
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime")
            .field("library", &self.loaded.library)
            .field("version", &self.loaded.version)
            .field("device", &self.device)
            .field("threads", &self.threads)
            .finish_non_exhaustive()
    }
}

fn optimized(builder: SessionBuilder) -> ort::Result<SessionBuilder> {
    Ok(builder.with_optimization_level(GraphOptimizationLevel::Level3)?)
}

fn with_cuda(builder: SessionBuilder) -> ort::Result<SessionBuilder> {
    if !ep::CUDA::is_available()? {
        return Err(ort::Error::new("this onnxruntime was built without CUDA"));
    }
    Ok(builder.with_execution_providers([ep::CUDA::default().build().error_on_failure()])?)
}

/// Onnxruntime has no error code of its own for a model from the future.
fn is_too_new(message: &str) -> bool {
    message.contains("Unsupported model IR version")
        || message.contains("official support for domain")
}

fn load(places: &Places) -> Result<Loaded, AiError> {
    let Candidate { library, version } = find(places)?;
    let environment = start(&library)?;
    let version = version
        .or_else(|| ort::util::probe(&library).map(|minor| format!("1.{minor}")))
        .unwrap_or_else(|| format!("{OLDEST_RUNTIME} or newer"));
    Ok(Loaded {
        environment,
        library,
        version,
    })
}

#[derive(Debug, PartialEq, Eq)]
struct Candidate {
    library: PathBuf,
    version: Option<String>,
}

fn find(places: &Places) -> Result<Candidate, AiError> {
    let inspected = |library: PathBuf| {
        let library = std::path::absolute(&library).unwrap_or(library);
        let version = library::inspect(&library)?.version;
        Ok(Candidate { library, version })
    };
    if let Some(path) = &places.ort_dylib_path {
        return match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(AiError::RuntimeNotThere { path: path.clone() })
            }
            _ => inspected(path.clone()),
        };
    }
    let data = places.data_dir.as_ref().map(|folder| folder.join("lib"));
    let folders: Vec<PathBuf> = places.binary_dir.iter().cloned().chain(data).collect();
    for folder in &folders {
        if let Some(library) = library_in(folder) {
            return inspected(library);
        }
    }
    for name in [LIBRARY.to_owned(), format!("{LIBRARY}.1")] {
        if ort::util::probe(&name).is_some() {
            return Ok(Candidate {
                library: name.into(),
                version: None,
            });
        }
    }
    Err(AiError::RuntimeMissing { searched: folders })
}

/// The library in `folder`: the one without a version in its name, else the highest.
fn library_in(folder: &Path) -> Option<PathBuf> {
    let plain = folder.join(LIBRARY);
    // Also a link to nowhere: better refused than passed over.
    if plain.symlink_metadata().is_ok() {
        return Some(plain);
    }
    let versioned = |name: &str| -> Option<Vec<u64>> {
        let numbers = name.strip_prefix(LIBRARY)?.strip_prefix('.')?;
        numbers
            .split('.')
            .map(|number| number.parse().ok())
            .collect()
    };
    fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| {
            let entry = entry.ok()?;
            Some((versioned(entry.file_name().to_str()?)?, entry.path()))
        })
        .max()
        .map(|(_, path)| path)
}

/// Loads the library and starts its one environment.
fn start(library: &Path) -> Result<Environment, AiError> {
    let broken = |defect| AiError::RuntimeBroken {
        path: library.to_owned(),
        defect,
    };
    // `ort` panics where the library hands out no interface.
    let builder = caught(|| {
        let builder = ort::init_from(library)?;
        let _ = ort::api();
        Ok(builder)
    });
    let builder = builder
        .ok_or_else(|| broken(LibraryDefect::Misbehaves))?
        .map_err(|error| match error {
            LoadDynamicError::BadVersion { version_str, .. } => AiError::RuntimeTooOld {
                path: library.to_owned(),
                found: version_str,
            },
            LoadDynamicError::MissingApi { .. } => broken(LibraryDefect::NoEntryPoint),
            LoadDynamicError::Dlopen { error, .. } => broken(LibraryDefect::NotLoadable(
                error
                    .source()
                    .map_or_else(|| error.to_string(), ToString::to_string),
            )),
            LoadDynamicError::InvalidVersionString => broken(LibraryDefect::Misbehaves),
        })?;
    let log = |level, _: &str, _: &str, place: &str, message: &str| match level {
        LogLevel::Verbose => {}
        // What matters to the user comes back as an error; onnxruntime also warns of devices it does not find.
        _ => tracing::debug!("onnxruntime at {place}: {message}"),
    };
    let environment = builder
        .with_name("cosmos")
        .with_telemetry(false)
        .with_logger(Arc::new(log))
        .build()
        .map_err(|source| AiError::Engine { source })?;
    environment.set_log_level(LogLevel::Warning);
    Ok(environment)
}

/// What `work` returns, or `None` if it panics, of which nothing is printed.
fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    let here = thread::current().id();
    let previous: Arc<dyn Fn(&panic::PanicHookInfo<'_>) + Send + Sync> = panic::take_hook().into();
    let others = Arc::clone(&previous);
    panic::set_hook(Box::new(move |info| {
        if thread::current().id() != here {
            others(info);
        }
    }));
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    panic::set_hook(Box::new(move |info| previous(info)));
    result.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touch(folder: &Path, names: &[&str]) {
        fs::create_dir_all(folder).unwrap();
        for name in names {
            fs::write(folder.join(name), "").unwrap();
        }
    }

    #[test]
    fn the_library_without_a_version_is_taken_and_else_the_newest() {
        let cases: [(&[&str], Option<&str>); 5] = [
            (
                &["libonnxruntime.so.1.9.0", "libonnxruntime.so.1.32.0"],
                Some("libonnxruntime.so.1.32.0"),
            ),
            (
                &["libonnxruntime.so.1.32.0", "libonnxruntime.so"],
                Some("libonnxruntime.so"),
            ),
            (
                &[
                    "libonnxruntime.so.partial",
                    "libonnxruntime_providers_shared.so",
                ],
                None,
            ),
            (
                &["libonnxruntime.so.", "libonnxruntime.so.1"],
                Some("libonnxruntime.so.1"),
            ),
            (&[], None),
        ];
        for (names, expected) in cases {
            let folder = tempfile::tempdir().unwrap();
            touch(folder.path(), names);
            let expected = expected.map(|name| folder.path().join(name));
            assert_eq!(library_in(folder.path()), expected, "{names:?}");
        }
    }

    #[test]
    fn the_first_place_that_has_a_library_decides_even_if_it_does_not_serve() {
        let folder = tempfile::tempdir().unwrap();
        let [named, binary, data] =
            ["named.so", "bin", "data"].map(|name| folder.path().join(name));
        fs::write(&named, "").unwrap();
        touch(&binary, &[LIBRARY]);
        touch(&data.join("lib"), &[LIBRARY]);
        let mut places = Places {
            ort_dylib_path: Some(named.clone()),
            binary_dir: Some(binary.clone()),
            data_dir: Some(data.clone()),
            ..Places::default()
        };
        let refused = |places: &Places| match find(places) {
            Err(AiError::RuntimeBroken { path, .. }) => path,
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(&places), named);
        places.ort_dylib_path = None;
        assert_eq!(refused(&places), binary.join(LIBRARY));
        places.binary_dir = None;
        assert_eq!(refused(&places), data.join("lib").join(LIBRARY));
    }

    #[test]
    fn a_panic_is_caught_and_the_hook_is_as_before() {
        assert_eq!(caught(|| 7), Some(7));
        assert_eq!(caught(|| -> u8 { panic!("not to be seen") }), None);
        assert!(std::panic::catch_unwind(|| panic!("to be seen")).is_err());
    }
}
