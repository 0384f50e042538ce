//! `install.sh`: a release is installed only when its checksum is right.

use std::path::Path;
use std::process::Command;
use std::process::Output;

fn release(dir: &Path, checksum_of: &[u8]) {
    use sha2::Digest;
    let program = b"#!/bin/sh\necho fluxr version 9.9.9\n";
    let arch = if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" };
    let os = if cfg!(target_os = "macos") { "darwin" } else { "linux" };
    let archive = format!("fluxr_9.9.9_{os}_{arch}.tar.gz");
    let mut header = tar::Header::new_gnu();
    header.set_size(program.len() as u64);
    header.set_mode(0o755);
    let gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let mut builder = tar::Builder::new(gzip);
    builder.append_data(&mut header, "fluxr", program.as_slice()).unwrap();
    let bytes = builder.into_inner().unwrap().finish().unwrap();
    let sum = hex::encode(sha2::Sha256::digest(if checksum_of.is_empty() { &bytes } else { checksum_of }));
    std::fs::write(dir.join(&archive), bytes).unwrap();
    std::fs::write(dir.join("fluxr_9.9.9_checksums.txt"), format!("{sum}  {archive}\n")).unwrap();
}

fn install(dir: &Path) -> Output {
    Command::new("bash")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/install.sh"))
        .args(["--version", "v9.9.9", "--release", &format!("file://{}", dir.display())])
        .arg("--bin-dir")
        .arg(dir.join("bin"))
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("HOME", dir)
        .output()
        .unwrap()
}

#[test]
fn a_release_with_the_right_checksum_is_installed() {
    let dir = tempfile::tempdir().unwrap();
    release(dir.path(), b"");
    let output = install(dir.path());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(dir.path().join("bin/fluxr").is_file());
}

#[test]
fn a_release_with_another_checksum_is_refused_and_nothing_is_installed() {
    let dir = tempfile::tempdir().unwrap();
    release(dir.path(), b"something else");
    let output = install(dir.path());
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("does not have the checksum"));
    assert!(!dir.path().join("bin").exists());
}
