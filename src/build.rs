//! The build script: which kinds there are, and how a release is linked.

#![expect(clippy::disallowed_methods, reason = "cargo speaks to a build script through its environment")]

use flate2::Compression;
use flate2::write::ZlibEncoder;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Identical functions are kept once. Known to the linker of this target only.
const FOLD: &str = "-Wl,--icf=all";
/// A release aborts when it panics: the tables for unwinding, a tenth of the program, are left out.
const LEAVE_OUT: &str = "SECTIONS { /DISCARD/ : { *(.eh_frame) *(.eh_frame_hdr) *(.gcc_except_table*) } } INSERT AFTER .rodata;\n";

/// The functions that everyday runs call, as `cargo testbed order` writes them.
const ORDER: &str = "src/start.order";

fn main() -> Result<()> {
    println!("cargo:rerun-if-changed=src/build.rs");
    register_kinds()?;
    let is = |name: &str, wanted: &str| std::env::var(name).is_ok_and(|value| value == wanted);
    let is_known = is("CARGO_CFG_TARGET_ARCH", "x86_64")
        && is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ENV", "gnu");
    if is_known && is("PROFILE", "release") {
        println!("cargo:rustc-link-arg-bins={FOLD}");
        // What everyday runs call is kept together. Functions that have another name by now stay where they are.
        let order = Path::new(&std::env::var("CARGO_MANIFEST_DIR")?).join(ORDER);
        println!("cargo:rerun-if-changed={ORDER}");
        println!("cargo:rustc-link-arg-bins=-Wl,--symbol-ordering-file={}", order.display());
        println!("cargo:rustc-link-arg-bins=-Wl,--no-warn-symbol-ordering");
        let script = Path::new(&std::env::var("OUT_DIR")?).join("leave-out.ld");
        std::fs::write(&script, LEAVE_OUT)?;
        println!("cargo:rustc-link-arg-bins=-Wl,-T,{}", script.display());
    }
    Ok(())
}

/// Writes what `src/kind.rs` includes: each kind below `src/api` with what makes its definition, and the definitions that are there.
/// So a kind needs no other line than the `mod` line of its file, and the file of its definition may be missing before a test writes it.
fn register_kinds() -> Result<()> {
    let mut kinds = Vec::new();
    for folder in entries("src/api")?.iter().filter(|path| path.is_dir()) {
        for file in entries(folder)? {
            let text = std::fs::read_to_string(&file)?;
            let is_kind = |line: &str| {
                Some(line.strip_prefix("pub static ")?.strip_suffix(": Kind = Kind {")?.to_owned())
            };
            let module = format!("crate::api::{}::{}", stem(folder), stem(&file));
            let found = text.lines().find_map(is_kind);
            kinds.extend(found.map(|kind| format!("(&{module}::{kind}, {module}::definition)")));
        }
    }
    let root = std::env::var("CARGO_MANIFEST_DIR")?;
    let mut code = format!(
        "const FOUND: [Registered; {}] = [{}];\nstatic EMBEDDED: &[(&str, &[u8])] = &[",
        kinds.len(),
        kinds.join(",\n")
    );
    let out = std::env::var("OUT_DIR")?;
    for file in entries("templates/crds")? {
        // Few runs need them, and compressed they take a fifth.
        let packed = Path::new(&out).join(stem(&file));
        let mut encoder = ZlibEncoder::new(std::fs::File::create(&packed)?, Compression::best());
        encoder.write_all(&std::fs::read(Path::new(&root).join(&file))?)?;
        encoder.finish()?;
        writeln!(code, "({:?}, include_bytes!({packed:?})),", stem(&file))?;
    }
    code.push_str("];\n");
    Ok(std::fs::write(Path::new(&out).join("kinds.rs"), code)?)
}

/// The name of a file or a folder, without its ending.
fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// What a folder has, in the order of names; cargo runs this script again when that changes.
fn entries(folder: impl AsRef<Path>) -> Result<Vec<PathBuf>> {
    println!("cargo:rerun-if-changed={}", folder.as_ref().display());
    let entries = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    let mut paths: Vec<_> = entries.collect::<Result<_>>()?;
    paths.sort();
    Ok(paths)
}
