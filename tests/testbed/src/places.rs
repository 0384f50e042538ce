//! Where things are kept, and what the surroundings must offer. The environment is read here and nowhere else in the testbed.

use anyhow::Context;
use anyhow::bail;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

#[expect(clippy::disallowed_methods, reason = "the testbed's only look at the environment")]
fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn variables() -> std::env::VarsOs {
    std::env::vars_os()
}

/// What is kept per user: built parts, locks of port blocks. `$XDG_CACHE_HOME/fluxr-testbed`, or `~/.cache/fluxr-testbed`.
///
/// # Errors
/// Neither `XDG_CACHE_HOME` nor `HOME` is set.
pub fn cache() -> anyhow::Result<PathBuf> {
    let base = variable("XDG_CACHE_HOME")
        .filter(|path| path.is_absolute())
        .or_else(|| variable("HOME").map(|home| home.join(".cache")))
        .context("no place for built parts: set HOME or XDG_CACHE_HOME")?;
    Ok(base.join("fluxr-testbed"))
}

/// The checkout this program was built from.
#[must_use]
pub fn checkout() -> PathBuf {
    let member = Path::new(env!("CARGO_MANIFEST_DIR"));
    member.ancestors().nth(2).unwrap_or(member).to_owned()
}

/// The target of the fuzzer.
pub(crate) fn fuzz_target() -> Option<PathBuf> {
    variable("FUZZ_TARGET")
}

/// Cargo in the checkout, without what the cargo that runs this program says of itself: build scripts would run again for it.
#[must_use]
pub fn cargo() -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(checkout());
    for (name, _) in variables() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
    command
}

/// What a build may take from its surroundings: how tools are found, and how cargo reaches a registry.
const KEPT: [&str; 12] = [
    "PATH",
    "HOME",
    "CARGO_HOME",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "RUSTUP_AUTO_INSTALL",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "http_proxy",
    "https_proxy",
    "HTTPS_PROXY",
    "no_proxy",
];

/// Cargo in `folder` without the settings of the surroundings, so that what it builds does not depend on them.
#[must_use]
pub fn clean_cargo(folder: &Path) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(folder).env_clear();
    for (name, value) in variables() {
        let text = name.to_string_lossy();
        let registries = ["CARGO_HTTP_", "CARGO_NET_", "CARGO_REGISTR", "CARGO_SOURCE_"];
        if KEPT.contains(&&*text) || registries.iter().any(|prefix| text.starts_with(prefix)) {
            command.env(name, value);
        }
    }
    command
}

/// Where cargo keeps the sources of crates.
///
/// # Errors
/// Neither `CARGO_HOME` nor `HOME` is set.
pub fn cargo_home() -> anyhow::Result<PathBuf> {
    variable("CARGO_HOME")
        .or_else(|| variable("HOME").map(|home| home.join(".cargo")))
        .context("no place for cargo's files: set HOME or CARGO_HOME")
}

/// Where cargo builds.
#[must_use]
pub fn target() -> PathBuf {
    variable("CARGO_TARGET_DIR").unwrap_or_else(|| checkout().join("target"))
}

/// The folder with one folder per running testbed.
#[must_use]
pub fn states() -> PathBuf {
    target().join("testbed")
}

/// The folder of the testbed with this name.
///
/// # Errors
/// A name that would leave the folder of all testbeds.
pub fn state(name: &str) -> anyhow::Result<PathBuf> {
    let plain = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_');
    if name.is_empty() || !plain {
        bail!("the name of a testbed has letters, digits, '-' and '_' only: {name:?}");
    }
    Ok(states().join(name))
}

/// Fails with one message that names everything that is missing on the search path.
///
/// # Errors
/// A program that is not there.
pub fn require(programs: &[(&str, &str)]) -> anyhow::Result<()> {
    let path = variable("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let missing: Vec<String> = programs
        .iter()
        .filter(|(name, _)| !folders.iter().any(|folder| folder.join(name).is_file()))
        .map(|(name, purpose)| format!("{name} ({purpose})"))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    bail!(
        "not found on the search path: {}; install it and try again, nothing was started",
        missing.join(", ")
    )
}
