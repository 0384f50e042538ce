//! What is reported when something is missing on the machine, before anything is started.

use std::process::Command;

#[test]
fn without_npm_nothing_is_built_or_started() {
    let home = tempfile::tempdir().unwrap();
    let programs = home.path().join("programs");
    std::fs::create_dir(&programs).unwrap();
    for present in ["git", "setpriv", "go", "kubectl"] {
        std::os::unix::fs::symlink("/bin/false", programs.join(present)).unwrap();
    }
    for arguments in [&["build"][..], &["test"]] {
        let output = Command::new(env!("CARGO_BIN_EXE_testbed"))
            .args(arguments)
            .env_clear()
            .env("HOME", home.path())
            .env("CARGO_TARGET_DIR", home.path())
            .env("PATH", &programs)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{arguments:?}: {said}");
        for part in ["npm (installs the referee of GitHub's API)", "node (", "nothing was started"] {
            assert!(said.contains(part), "{arguments:?}: no \"{part}\" in {said}");
        }
        assert!(!home.path().join(".cache").exists(), "{arguments:?} made something");
    }
}
