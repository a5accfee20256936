//! What a host has for a job: Docker, the image, GPUs and room on its disk.

use serde::Serialize;

use crate::remote::Command;

/// A GPU, as `nvidia-smi` sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gpu {
    /// The number that `CUDA_VISIBLE_DEVICES` takes.
    pub index: u32,
    /// What it is called.
    pub name: String,
    /// All of its memory, in MiB.
    pub memory_mib: Option<u64>,
    /// The memory in use, in MiB.
    pub used_mib: Option<u64>,
    /// How busy it is, in percent.
    pub load_percent: Option<u32>,
}

/// Asks for the version of Docker's engine.
#[must_use]
pub fn version() -> Command {
    Command::new("docker").args(["version", "--format", "{{.Server.Version}}"])
}

/// Asks for the id of an image; fails if it is not there.
#[must_use]
pub fn image(name: &str) -> Command {
    Command::new("docker").args(["image", "inspect", "--format", "{{.Id}}", name])
}

/// Asks for the GPUs, one a line, as [`Gpu::read`] takes them.
#[must_use]
pub fn gpus() -> Command {
    Command::new("nvidia-smi").args([
        "--query-gpu=index,name,memory.total,memory.used,utilization.gpu",
        "--format=csv,noheader,nounits",
    ])
}

/// Asks how many bytes are free on the disk that holds `folder`, or would hold it.
#[must_use]
pub fn disk(folder: &str) -> Command {
    Command::script(
        r#"folder=$1
while [ ! -d "$folder" ] && [ "$folder" != / ]; do folder=$(dirname -- "$folder"); done
df --output=avail -B1 -- "$folder" | tail -n 1"#,
    )
    .arg(folder)
}

impl Gpu {
    /// Reads a line of [`gpus`]; `None` for one that names no GPU.
    #[must_use]
    pub fn read(line: &str) -> Option<Self> {
        let mut fields = line.split(',').map(str::trim);
        let index = fields.next()?.parse().ok()?;
        let name = fields.next()?.to_owned();
        // A GPU that shares its memory with the machine says `[N/A]`.
        let mut number = || fields.next()?.parse::<u64>().ok();
        Some(Self {
            index,
            name,
            memory_mib: number(),
            used_mib: number(),
            load_percent: number().and_then(|percent| u32::try_from(percent).ok()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gpus_are_read_and_other_lines_are_not() {
        let gpu = Gpu::read("1, NVIDIA H100 80GB HBM3, 81559, 1024, 37").unwrap();
        assert_eq!((gpu.index, gpu.name.as_str()), (1, "NVIDIA H100 80GB HBM3"));
        assert_eq!((gpu.memory_mib, gpu.used_mib), (Some(81559), Some(1024)));
        assert_eq!(gpu.load_percent, Some(37));
        let shared = Gpu::read("0, NVIDIA GB10, [N/A], [N/A], 5").unwrap();
        assert_eq!((shared.memory_mib, shared.load_percent), (None, Some(5)));
        assert_eq!(Gpu::read("No devices were found"), None);
    }
}
