//! `cargo testbed release`: the files of a release.

use crate::release;
use crate::release::Key;
use crate::release::Options;
use crate::say;
use anyhow::Context;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;
use std::time::Instant;

/// How a release is asked for.
#[derive(clap::Args)]
pub struct Arguments {
    /// Private key that signs, in PEM; `-` reads it from standard input. docs/releasing.md makes one
    #[arg(long, value_name = "FILE", required_unless_present = "unsigned")]
    key: Option<PathBuf>,
    /// Do not sign; install.sh refuses such a release unless it is told not to verify signatures
    #[arg(long, conflicts_with = "key")]
    unsigned: bool,
    /// Where the files will be, for install.sh; {version} is replaced
    #[arg(long)]
    url: Option<String>,
    /// Only these targets, as rustc names them; without any, all that this machine can build
    #[arg(long = "target", value_name = "TRIPLE")]
    targets: Vec<String>,
    /// Build a second time in another folder, and fail unless every file is the same
    #[arg(long)]
    twice: bool,
    /// Folder for the files, replaced as a whole [default: target/dist/fluxr_VERSION]
    #[arg(long, value_name = "FOLDER")]
    output: Option<PathBuf>,
}

/// Makes a release and says where it is.
///
/// # Errors
/// The key cannot be read, the tree has changes, a licence is not allowed, a build fails, or two builds differ.
pub fn release(arguments: Arguments) -> anyhow::Result<()> {
    let begun = Instant::now();
    let key = arguments.key.as_deref().map(key).transpose()?;
    let options = Options {
        targets: arguments.targets,
        url: arguments.url,
        key,
        twice: arguments.twice,
        output: arguments.output,
    };
    let folder = release::release(&options)?;
    say::tell(&format!("Made in {} s:", begun.elapsed().as_secs()));
    say::answer(&folder.display().to_string());
    Ok(())
}

fn key(file: &Path) -> anyhow::Result<Key> {
    let mut pem = String::new();
    if file == Path::new("-") {
        std::io::stdin().read_to_string(&mut pem).context("reading the key from standard input")?;
    } else {
        pem = std::fs::read_to_string(file).with_context(|| format!("reading the key {}", file.display()))?;
    }
    Key::read(&pem)
}
