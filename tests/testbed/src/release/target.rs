//! The targets of a release, and which of them this machine can build.

use crate::places;
use anyhow::Context;
use std::path::Path;
use std::process::Command;

/// A target of a release.
#[derive(Debug)]
pub struct Target {
    /// As rustc names it.
    pub triple: &'static str,
    /// As the archive is named; `install.sh` looks for it.
    pub platform: &'static str,
    /// The C compilers that can build for it from another machine, the best first.
    cross: &'static [&'static str],
}

/// All targets. On Linux there are two for each processor: `linux` is the quicker one and needs the GNU C library,
/// `linux_musl` is linked statically and runs everywhere else.
pub const TARGETS: [Target; 6] = [
    target("x86_64-unknown-linux-gnu", "linux_amd64", &["x86_64-linux-gnu-gcc"]),
    target("aarch64-unknown-linux-gnu", "linux_arm64", &["aarch64-linux-gnu-gcc"]),
    target("x86_64-unknown-linux-musl", "linux_musl_amd64", &["x86_64-linux-musl-gcc", "musl-gcc"]),
    target("aarch64-unknown-linux-musl", "linux_musl_arm64", &["aarch64-linux-musl-gcc"]),
    target("x86_64-apple-darwin", "darwin_amd64", &[]),
    target("aarch64-apple-darwin", "darwin_arm64", &[]),
];

const fn target(triple: &'static str, platform: &'static str, cross: &'static [&'static str]) -> Target {
    Target { triple, platform, cross }
}

impl Target {
    /// The target with this triple.
    ///
    /// # Errors
    /// A release has no such target.
    pub fn named(triple: &str) -> anyhow::Result<&'static Self> {
        TARGETS.iter().find(|target| target.triple == triple).with_context(|| {
            let known: Vec<&str> = TARGETS.iter().map(|target| target.triple).collect();
            format!("a release has no target {triple:?}; it has {}", known.join(", "))
        })
    }

    /// The C compiler for this target.
    ///
    /// # Errors
    /// What is missing here to build it.
    pub fn compiler(&self) -> anyhow::Result<&'static str> {
        let library = rustc(&["--print", "target-libdir", "--target", self.triple])?;
        anyhow::ensure!(
            Path::new(&library).is_dir(),
            "its standard library is not installed: `rustup target add {}` does it",
            self.triple
        );
        let host = host()?;
        let compilers: &[&str] = if host == self.triple || (is_apple(&host) && is_apple(self.triple)) {
            &["cc"]
        } else {
            self.cross
        };
        let found = compilers.iter().copied().find(|name| places::require(&[(name, "compiles C")]).is_ok());
        found.with_context(|| match compilers {
            [] => "it can be built on a Mac only".to_owned(),
            names => format!("no C compiler for it: {}", names.join(" or ")),
        })
    }
}

/// The triple of this machine.
///
/// # Errors
/// rustc does not run.
pub fn host() -> anyhow::Result<String> {
    rustc(&["--print", "host-tuple"])
}

fn is_apple(triple: &str) -> bool {
    triple.contains("-apple-")
}

fn rustc(arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new("rustc").args(arguments).output().context("running rustc")?;
    anyhow::ensure!(
        output.status.success(),
        "rustc {}: {}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}
