//! Makes a release of the commit that is checked out.

use super::Crates;
use super::Program;
use super::Release;
use super::Rules;
use super::archive::Entry;
use super::compile;
use super::compile::Symbols;
use super::man;
use super::notices;
use super::publish;
use super::sbom;
use super::signature::Key;
use super::target::TARGETS;
use super::target::Target;
use super::target::host;
use crate::places;
use crate::say;
use anyhow::Context;
use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

/// What is released.
const NAME: &str = "fluxr";

/// How a release is made.
pub struct Options {
    /// Triples; without any, all that this machine can build.
    pub targets: Vec<String>,
    /// Where its files will be.
    pub url: Option<String>,
    /// Without one it is not signed.
    pub key: Option<Key>,
    /// Whether it is made a second time in another folder, and must come out the same.
    pub twice: bool,
    /// The folder for its files, replaced as a whole.
    pub output: Option<PathBuf>,
}

/// The commit that is released.
struct Commit {
    /// When it was made, in seconds since 1970, as RFC 3339, and as a day.
    time: u64,
    rfc3339: String,
    day: String,
}

/// Makes the release and returns its folder.
///
/// # Errors
/// The checkout has changes that are not committed, a licence is not allowed, a build fails, or two builds differ.
pub fn release(options: &Options) -> anyhow::Result<PathBuf> {
    places::require(&[("git", "knows the commit"), ("cargo", "builds"), ("rustc", "builds")])?;
    let targets = targets(&options.targets)?;
    let commit = commit()?;
    let work = work()?;
    let (version, files) = make(options, &commit, &targets, &work)?;
    if options.twice {
        let elsewhere = tempfile::tempdir().context("making a folder for the second build")?;
        say::tell(&format!("Making it a second time in {}", elsewhere.path().display()));
        let (_, second) = make(options, &commit, &targets, elsewhere.path())?;
        let differing: Vec<&str> = files
            .keys()
            .chain(second.keys().filter(|name| !files.contains_key(*name)))
            .filter(|name| files.get(*name) != second.get(*name))
            .map(String::as_str)
            .collect();
        anyhow::ensure!(differing.is_empty(), "made twice, not the same: {}", differing.join(", "));
        say::tell("Both are the same, byte for byte");
    }
    let folder = options.output.clone().unwrap_or_else(|| work.join(format!("fluxr_{version}")));
    let folder = std::path::absolute(folder)?;
    publish::write(&files, &folder)?;
    for (name, bytes) in &files {
        say::tell(&format!("{:>12}  {name}", bytes.len()));
    }
    Ok(folder)
}

/// The program of a release for this machine, from the commit that is checked out.
///
/// # Errors
/// The checkout has changes that are not committed; a build fails.
pub fn program(symbols: Symbols) -> anyhow::Result<PathBuf> {
    let (commit, work, host) = (commit()?, work()?, host()?);
    let source = work.join("source");
    unpack(&source)?;
    let compiler = Target::named(&host)?.compiler()?;
    compile::compile(&source, &work.join("build"), NAME, (&host, compiler), commit.time, symbols)
}

/// Where releases are made.
fn work() -> anyhow::Result<PathBuf> {
    Ok(std::path::absolute(places::target())?.join("dist"))
}

/// The files of the release, built below `work` from an unpacked copy of the commit.
fn make(
    options: &Options,
    commit: &Commit,
    targets: &[(&'static Target, &'static str)],
    work: &Path,
) -> anyhow::Result<(String, BTreeMap<String, Vec<u8>>)> {
    let source = work.join("source");
    unpack(&source)?;
    let read = |name: &str| {
        std::fs::read_to_string(source.join(name)).with_context(|| format!("reading {name} of the commit"))
    };
    let rules = Rules::read(&read("deny.toml")?)?;
    let mut version = String::new();
    let mut programs = Vec::new();
    for (target, compiler) in targets {
        let triple = target.triple;
        let crates = Crates::resolve(&source, triple)?;
        rules.judge(&crates)?;
        version = crates.program.version.to_string();
        say::tell(&format!("Building fluxr {version} for {triple}"));
        let (build, by) = (work.join("build"), (triple, *compiler));
        let program = compile::compile(&source, &build, NAME, by, commit.time, Symbols::Stripped)?;
        let program = std::fs::read(&program).with_context(|| format!("reading {}", program.display()))?;
        let mut files = BTreeMap::from([
            ("fluxr".to_owned(), Entry::program(program)),
            ("LICENSE".to_owned(), Entry::text(read("LICENSE")?)),
            ("README.md".to_owned(), Entry::text(read("README.md")?)),
            ("THIRD-PARTY-NOTICES.txt".to_owned(), Entry::text(notices::notices(&crates)?)),
        ]);
        for (name, page) in man::pages(&version, &commit.day)? {
            files.insert(format!("man/man1/{name}"), Entry::text(page));
        }
        for entry in std::fs::read_dir(source.join("completions"))? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            files.insert(format!("completions/{name}"), Entry::text(read(&format!("completions/{name}"))?));
        }
        let sbom = sbom::sbom(&crates, triple, &read("Cargo.lock")?, &commit.rfc3339)?;
        programs.push(Program { platform: target.platform.to_owned(), files, sbom });
    }
    let files = Release {
        version: &version,
        time: commit.time,
        url: options.url.as_deref(),
        key: options.key.as_ref(),
        installer: &read("install.sh")?,
        programs,
    }
    .files()?;
    Ok((version, files))
}

/// The targets that are asked for, or those that can be built, each with its C compiler.
fn targets(wanted: &[String]) -> anyhow::Result<Vec<(&'static Target, &'static str)>> {
    if !wanted.is_empty() {
        return wanted
            .iter()
            .map(|triple| {
                let target = Target::named(triple)?;
                let compiler = target.compiler().with_context(|| format!("{triple} cannot be built here"))?;
                Ok((target, compiler))
            })
            .collect();
    }
    let mut found = Vec::new();
    for target in &TARGETS {
        match target.compiler() {
            Ok(compiler) => found.push((target, compiler)),
            Err(error) => say::tell(&format!("Leaving out {}: {error:#}", target.triple)),
        }
    }
    anyhow::ensure!(!found.is_empty(), "none of the targets of a release can be built here");
    Ok(found)
}

/// What git says of the checkout.
fn git(arguments: &[&str]) -> anyhow::Result<Vec<u8>> {
    let output = Command::new("git").current_dir(places::checkout()).args(arguments).output();
    let output = output.context("running git")?;
    let said = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "git {}: {}", arguments.join(" "), said.trim());
    Ok(output.stdout)
}

/// The commit that is checked out, with nothing besides it: man pages are those of the program that runs here.
fn commit() -> anyhow::Result<Commit> {
    let changes = String::from_utf8(git(&["status", "--porcelain", "--untracked-files=no"])?)?;
    anyhow::ensure!(
        changes.is_empty(),
        "a release is made of a commit, and these files have changes that are not committed:\n{changes}"
    );
    let times = String::from_utf8(git(&["log", "-1", "--format=%ct", "HEAD"])?)?;
    let time: u64 = times.trim().parse().context("the time of the commit")?;
    let moment = jiff::Timestamp::from_second(i64::try_from(time)?)?;
    Ok(Commit { time, rfc3339: moment.to_string(), day: moment.strftime("%Y-%m-%d").to_string() })
}

/// Unpacks the commit into `folder`, which is emptied before.
fn unpack(folder: &Path) -> anyhow::Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder).with_context(|| format!("removing {}", folder.display()))?;
    }
    std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    let packed = git(&["archive", "--format=tar", "HEAD"])?;
    let mut archive = tar::Archive::new(packed.as_slice());
    // Cargo compares times to see what changed, and the commit's are older than the last build.
    archive.set_preserve_mtime(false);
    archive.unpack(folder).with_context(|| format!("unpacking the commit into {}", folder.display()))
}
