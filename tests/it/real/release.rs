//! A release as `cargo testbed release` makes it: built with the settings of a release, and installed.
//! `cargo testbed test real::release` runs it; without a name it is left out, because it takes both cores for minutes.

use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;
use testbed::release;
use testbed::release::Options;

/// Built once, in `target`, where later runs find most of it; `cargo testbed release --twice` builds it again elsewhere and compares.
#[test]
#[ignore = "needs the testbed"]
fn a_release_installs_itself_never_panics_and_names_no_folder_of_this_machine() {
    let key = release::Key::read(&crate::install_script::new_key()).unwrap();
    let place = tempfile::tempdir().unwrap();
    let output = place.path().join("a release");
    let options = Options {
        targets: vec![release::host().unwrap()],
        url: None,
        key: Some(key),
        twice: false,
        output: Some(output.clone()),
    };
    let folder = release::release(&options).unwrap();
    assert_eq!(folder, output);
    let bin = place.path().join("bin");
    let seen = Command::new("sh").arg(output.join("install.sh")).arg("--bin-dir").arg(&bin).output().unwrap();
    let told = String::from_utf8_lossy(&seen.stderr);
    assert!(seen.status.success(), "{told}");
    assert!(told.contains("✔ signature verified"), "{told}");
    crate::odd_input::kubeconfigs(&bin.join("fluxr"));
    crate::odd_input::flags(&bin.join("fluxr"));
    let program = std::fs::read(bin.join("fluxr")).unwrap();
    let home = std::env::home_dir().unwrap();
    for folder in [Path::new(env!("CARGO_MANIFEST_DIR")), &home.join(".cargo"), place.path()] {
        let name = folder.to_string_lossy().into_owned();
        let found = program.windows(name.len()).position(|bytes| bytes == name.as_bytes());
        assert_eq!(found, None, "{name} is in the program");
    }
    assert!(program.len() <= 18_000_000, "the program has {} bytes", program.len());
    for library in ["libgcc_s.so.1", "libm.so.6"] {
        let is_loaded = program.windows(library.len()).any(|bytes| bytes == library.as_bytes());
        assert!(
            !is_loaded,
            "a start loads {library}: what the program calls of it is missing in src/process.rs"
        );
    }
    assert!(
        memory_of_start(&bin.join("fluxr")) < 6 << 10,
        "run `cargo testbed order`: a start reads too much of the program"
    );
}

/// Kibibytes that a program has at most until it waits for its input. They depend on how much of the file the kernel has read ahead, so it
/// is made to forget the file before.
fn memory_of_start(program: &Path) -> u64 {
    let file = format!("of={}", program.display());
    let forget = ["oflag=nocache", "conv=notrunc,fdatasync", "count=0", &file];
    assert!(Command::new("dd").args(forget).stderr(Stdio::null()).status().unwrap().success());
    let mut command = Command::new(program);
    let mut child = command.arg("envsubst").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"started\n").unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    drop(input);
    child.wait().unwrap();
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    most.trim().trim_end_matches(" kB").parse().unwrap()
}
