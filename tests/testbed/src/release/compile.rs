//! A release build whose bytes depend on its sources and on the compilers, and on no folder, time or setting of the machine.

use super::target::host;
use crate::places;
use anyhow::Context;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

/// Whether a program has the names of its functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Symbols {
    Stripped,
    Kept,
}

/// Builds the program `name` of the workspace in `source` for `triple` and returns its path. Cargo works in `work`,
/// C is compiled with `compiler`, `time` is what the program may call its own (seconds since 1970).
///
/// # Errors
/// Cargo fails; it tells why itself.
pub fn compile(
    source: &Path,
    work: &Path,
    name: &str,
    (triple, compiler): (&str, &str),
    time: u64,
    symbols: Symbols,
) -> anyhow::Result<PathBuf> {
    let mut command = places::clean_cargo(source);
    let folders = folders(source, work)?;
    let remap = |(from, to): &(PathBuf, _)| format!("--remap-path-prefix={}={to}", from.display());
    // In addition to those of `.cargo/config.toml`, which a variable would replace.
    let rust = format!("target.{triple}.rustflags={:?}", folders.iter().map(remap).collect::<Vec<_>>());
    let c = folders.iter().map(|(from, to)| format!("'-ffile-prefix-map={}={to}'", from.display()));
    // Naming a target, even this machine's own, gives functions other names than those in `src/start.order`.
    let is_foreign = triple != host()?;
    // What follows `--` counts for the program alone, so that no crate is compiled again for its sake.
    let (verb, of_program) = match symbols {
        Symbols::Stripped => ("build", &[][..]),
        Symbols::Kept => ("rustc", &["--", "-Cstrip=none"][..]),
    };
    command.args([verb, "--quiet", "--locked", "--release", "--bin", name]).args(["--config", &rust]);
    if is_foreign {
        command.args(["--target", triple]);
    }
    command
        .arg("--target-dir")
        .arg(work)
        .env("SOURCE_DATE_EPOCH", time.to_string())
        .env("CARGO_INCREMENTAL", "0")
        .env("CC_SHELL_ESCAPED_FLAGS", "1")
        .env("CFLAGS", c.collect::<Vec<_>>().join(" "));
    if compiler != "cc" {
        let name = triple.replace('-', "_");
        command.env(format!("CC_{name}"), compiler);
        if !(triple.ends_with("-musl") && is_wrapper(compiler)) {
            command.env(format!("CARGO_TARGET_{}_LINKER", name.to_uppercase()), compiler);
        }
    }
    let status = command.args(of_program).status().context("running cargo")?;
    anyhow::ensure!(status.success(), "{name} does not build for {triple} ({status})");
    Ok(if is_foreign { work.join(triple) } else { work.to_owned() }.join("release").join(name))
}

/// Whether a C compiler for musl is the machine's own compiler with other headers, as `musl-gcc` is, and Debian's `x86_64-linux-musl-gcc`.
/// A wrapper cannot link static position-independent programs: they crash at the start. rustc links them without it.
fn is_wrapper(compiler: &str) -> bool {
    let answer = Command::new(compiler).arg("-dumpmachine").output();
    answer.is_ok_and(|answer| !String::from_utf8_lossy(&answer.stdout).contains("musl"))
}

/// Folders whose names compilers write into programs, each with what is written instead. Of two that match, the later one counts.
fn folders(source: &Path, work: &Path) -> anyhow::Result<Vec<(PathBuf, &'static str)>> {
    let mut folders = vec![(source.to_owned(), "/fluxr"), (work.to_owned(), "/target")];
    let home = places::cargo_home()?;
    for kind in ["registry/src", "git/checkouts"] {
        // The folder of a registry is named by its address, which a mirror changes.
        for entry in std::fs::read_dir(home.join(kind)).into_iter().flatten() {
            folders.push((entry?.path(), "/crates"));
        }
    }
    Ok(folders)
}

#[cfg(test)]
mod tests {
    use super::is_wrapper;
    use std::os::unix::fs::PermissionsExt;

    /// A compiler that says it compiles for `machine`.
    fn is_wrapper_on(machine: &str) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let compiler = folder.path().join("musl-gcc");
        std::fs::write(&compiler, format!("#!/bin/sh\ntest \"$*\" = -dumpmachine && echo {machine}\n"))
            .unwrap();
        std::fs::set_permissions(&compiler, std::fs::Permissions::from_mode(0o755)).unwrap();
        is_wrapper(compiler.to_str().unwrap())
    }

    #[test]
    fn a_compiler_for_musl_is_known_from_a_wrapper_of_another_one() {
        assert!(is_wrapper_on("x86_64-linux-gnu"));
        assert!(!is_wrapper_on("x86_64-linux-musl"));
        assert!(!is_wrapper("a compiler that does not exist"));
    }
}
