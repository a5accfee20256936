//! GPUs, as `nvidia-smi` sees them, and which of them a job gets.

use serde::Serialize;

use crate::cosmos::needs::Capability;

/// What `nvidia-smi --query-gpu` is asked for, in the order in which [`Gpu::read`] takes it. Drivers before R510
/// do not know `compute_cap`, which therefore comes last and may be left out.
pub const FIELDS: &str = "index,uuid,name,memory.total,memory.used,memory.free,utilization.gpu,temperature.gpu,\
                          power.draw,power.limit,driver_version";

/// A GPU. What it does not tell is `None`: one that shares its memory with the machine has none of its own, and
/// nothing in it may be measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Gpu {
    /// The number that `nvidia-smi` gives it.
    pub index: u32,
    /// Its unique name.
    pub uuid: String,
    /// What it is called.
    pub name: String,
    /// All of its memory, in MiB.
    pub memory_mib: Option<u64>,
    /// The memory in use, in MiB.
    pub used_mib: Option<u64>,
    /// The memory that a job can have, in MiB: some is neither in use nor free.
    pub free_mib: Option<u64>,
    /// How busy it is, in percent.
    pub load_percent: Option<u32>,
    /// Its temperature in degrees Celsius.
    pub celsius: Option<u32>,
    /// What it draws, in watts.
    pub watts: Option<f64>,
    /// What it may draw, in watts.
    pub watts_limit: Option<f64>,
    /// The version of the driver.
    pub driver: String,
    /// What it can do.
    pub capability: Option<Capability>,
}

impl Gpu {
    /// Reads a line of `nvidia-smi --query-gpu=<FIELDS>[,compute_cap] --format=csv,noheader,nounits`; `None` for
    /// one that names no GPU.
    #[must_use]
    pub fn read(line: &str) -> Option<Self> {
        let mut fields = line.split(',').map(str::trim);
        let index = fields.next()?.parse().ok()?;
        let uuid = fields.next()?.to_owned();
        let name = fields.next()?.to_owned();
        // What is not known reads `[N/A]`, `N/A`, `[Not Supported]` or `[Unknown Error]`.
        let mut number = || {
            let value = fields.next()?.parse::<f64>().ok()?;
            (value.is_finite() && value >= 0.0).then_some(value)
        };
        let whole = |value: Option<f64>| value.map(|value| value as u64);
        let small = |value: Option<f64>| value.map(|value| value as u32);
        let memory_mib = whole(number());
        let used_mib = whole(number());
        let free_mib = whole(number());
        let load_percent = small(number());
        let celsius = small(number());
        let watts = number();
        let watts_limit = number();
        Some(Self {
            index,
            uuid,
            name,
            memory_mib,
            used_mib,
            free_mib,
            load_percent,
            celsius,
            watts,
            watts_limit,
            driver: fields.next()?.to_owned(),
            capability: fields.next().and_then(|text| text.parse().ok()),
        })
    }

    /// What its generation is called, as far as that is known here.
    #[must_use]
    pub fn architecture(&self) -> Option<&'static str> {
        let Capability { major, minor } = self.capability?;
        Some(match (major, minor) {
            (7, 0..=3) => "Volta",
            (7, _) => "Turing",
            (8, 9) => "Ada Lovelace",
            (8, _) => "Ampere",
            (9, _) => "Hopper",
            (10..=12, _) => "Blackwell",
            _ => return None,
        })
    }
}

/// A device of a job, which is not one of the GPUs that its container gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoSuchGpu {
    /// How the job names it.
    pub device: String,
    /// How many GPUs the container gets.
    pub count: usize,
}

/// The GPUs that a container gets of `gpus` with `--gpus=<setting>`.
fn given<'g>(gpus: &'g [Gpu], setting: &str) -> Vec<&'g Gpu> {
    if let Some(names) = setting.strip_prefix("device=") {
        return names
            .split(',')
            .filter_map(|name| named(gpus.iter(), name))
            .collect();
    }
    match setting.parse::<usize>() {
        Ok(count) => gpus.iter().take(count).collect(),
        Err(_) => gpus.iter().collect(),
    }
}

/// The GPU that nvidia's container runtime means by `name`: its number on the host, or the head of its unique name.
fn named<'g>(mut gpus: impl Iterator<Item = &'g Gpu>, name: &str) -> Option<&'g Gpu> {
    let index = name.parse::<u32>().ok();
    gpus.find(|gpu| match index {
        Some(index) => gpu.index == index,
        None => name.starts_with("GPU-") && gpu.uuid.starts_with(name),
    })
}

/// The GPUs of the host that a job runs on: those that `devices` (`CUDA_VISIBLE_DEVICES`) names among those that
/// its container gets with `--gpus=<setting>`, where they are numbered anew. A part of a GPU is passed over.
///
/// # Errors
/// [`NoSuchGpu`] for the first device that the container does not get.
pub fn chosen<'g>(
    gpus: &'g [Gpu],
    setting: &str,
    devices: &str,
) -> Result<Vec<&'g Gpu>, NoSuchGpu> {
    let given = given(gpus, setting);
    let mut found = Vec::new();
    for device in devices.split(',').map(str::trim) {
        let gpu = match device.parse::<usize>() {
            Ok(index) => given.get(index).copied(),
            Err(_) if device.starts_with("GPU-") => named(given.iter().copied(), device),
            Err(_) => continue,
        };
        found.push(gpu.ok_or_else(|| NoSuchGpu {
            device: device.to_owned(),
            count: given.len(),
        })?);
    }
    Ok(found)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub const H100: &str = "0, GPU-5f0c2d3e-1111-2222-3333-444455556666, NVIDIA H100 80GB HBM3, 81559, 1024, 80000, \
                            37, 41, 118.52, 700.00, 570.124.06, 9.0";
    pub const GB10: &str = "0, GPU-9a8b7c6d-1111-2222-3333-444455556666, NVIDIA GB10, [N/A], [N/A], [N/A], 0, 38, \
                            4.52, [N/A], 580.95.05, 12.1";
    const OLD: &str = "1, GPU-00000000-1111-2222-3333-444455556666, Tesla V100-SXM2-16GB, 16160, 0, 16160, 0, 33, \
                       39.44, 300.00, 470.57.02";

    #[test]
    fn gpus_are_read_with_what_they_tell() {
        let gpu = Gpu::read(H100).unwrap();
        assert_eq!((gpu.index, gpu.name.as_str()), (0, "NVIDIA H100 80GB HBM3"));
        assert_eq!((gpu.memory_mib, gpu.used_mib), (Some(81559), Some(1024)));
        assert_eq!((gpu.free_mib, gpu.load_percent), (Some(80000), Some(37)));
        assert_eq!((gpu.celsius, gpu.watts), (Some(41), Some(118.52)));
        assert_eq!(gpu.architecture(), Some("Hopper"));

        let shared = Gpu::read(GB10).unwrap();
        assert_eq!((shared.memory_mib, shared.free_mib), (None, None));
        assert_eq!((shared.load_percent, shared.watts_limit), (Some(0), None));
        assert_eq!(shared.architecture(), Some("Blackwell"));

        // A driver that does not know compute_cap.
        let old = Gpu::read(OLD).unwrap();
        assert_eq!((old.capability, old.architecture()), (None, None));
        assert_eq!(old.driver, "470.57.02");
    }

    #[test]
    fn what_is_no_gpu_is_none() {
        for line in [
            "",
            "No devices were found",
            "Field \"compute_cap\" is not a valid field to query.",
            "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest \
             NVIDIA driver is installed and running.",
            "Unable to determine the device handle for GPU0000:01:00.0: Unknown Error",
        ] {
            assert_eq!(Gpu::read(line), None, "{line}");
        }
    }

    #[test]
    fn devices_are_numbered_among_those_that_the_container_gets() {
        let gpus: Vec<Gpu> = (0..4)
            .map(|index| Gpu {
                index,
                uuid: format!("GPU-{index}abc"),
                ..Gpu::default()
            })
            .collect();
        let indexes = |setting: &str, devices: &str| {
            chosen(&gpus, setting, devices)
                .map(|gpus| gpus.iter().map(|gpu| gpu.index).collect::<Vec<_>>())
        };
        assert_eq!(indexes("all", "0,3").unwrap(), [0, 3]);
        assert_eq!(indexes("device=2,3", "0,1").unwrap(), [2, 3]);
        assert_eq!(indexes("device=GPU-3", "0").unwrap(), [3]);
        assert_eq!(indexes("all", "GPU-2abc").unwrap(), [2]);
        assert_eq!(indexes("all", "MIG-7").unwrap(), [0; 0]);
        let none = indexes("2", "0,2").unwrap_err();
        assert_eq!((none.device.as_str(), none.count), ("2", 2));
        assert_eq!(indexes("device=2,3", "2").unwrap_err().count, 2);
    }
}
