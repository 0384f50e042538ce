//! Command lines about keys that sign, and the keys.

use super::objects;

/// Lines about the keys that sign the commits of a bootstrap; the files are those of [`write_keys`].
pub(super) fn signing_lines() -> Vec<String> {
    let reuse = "--ssh-signing-reuse-private-key";
    let github = "bootstrap github --owner=ada --repository=fleet";
    let gitea = "bootstrap gitea --owner=ada --repository=fleet --hostname=127.0.0.1:9";
    let git = "bootstrap git --url=ssh://git@127.0.0.1:9/ada/fleet";
    let mut lines = Vec::new();
    for command in [github, gitea, git] {
        for flags in [
            reuse,
            "--gpg-key-ring=text --ssh-signing-key-file=text",
            "--gpg-key-ring=text --ssh-signing-password=a",
            "--gpg-passphrase=a --ssh-signing-password=a",
            "--gpg-key-id=1234",
            "--ssh-signing-passphrase=a",
            "--ssh-signing-key-file=text --ssh-signing-password=a --ssh-signing-passphrase=b",
            "--ssh-signing-key-file=encrypted --ssh-signing-password=barley",
            "--ssh-signing-key-file=old --ssh-signing-password=barley",
            "--ssh-signing-key-file=old",
            "--ssh-signing-key-file=signing.pub",
            "--gpg-key-ring=empty --gpg-key-id=1234",
            "--components=source-controller --components-extra=nothing --registry-creds=a",
            "--registry-creds=a --ssh-signing-password=a --version=2",
        ] {
            lines.push(format!("{command} {flags}"));
        }
    }
    for flags in [
        "--private-key-file=small",
        "--private-key-file=small --gpg-key-ring=text",
        "--private-key-file=small --ssh-signing-key-file=text",
    ] {
        lines.push(format!("{git} {reuse} {flags}"));
    }
    lines
}

/// Writes the key files that lines name into the folder in which they run.
pub(super) fn write_keys(folder: &std::path::Path) {
    let keygen = |name: &str, more: &[&str]| {
        let mut command = std::process::Command::new("ssh-keygen");
        command.args(["-q", "-C", "x", "-f"]).arg(folder.join(name)).args(more);
        assert!(command.status().unwrap().success());
    };
    keygen("signing", &["-t", "ed25519", "-N", ""]);
    keygen("encrypted", &["-t", "ed25519", "-N", "open:sesame"]);
    keygen("old", &["-t", "rsa", "-b", "2048", "-m", "PEM", "-N", "open:sesame"]);
    keygen("small", &["-t", "rsa", "-b", "1024", "-N", ""]);
    for name in ["pair", "other"] {
        let (key, certificate) = (format!("{name}.key"), format!("{name}.crt"));
        let mut command = std::process::Command::new("openssl");
        command.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=x"]);
        command.args(["-keyout", &key, "-out", &certificate]).current_dir(folder);
        assert!(command.output().unwrap().status.success());
    }
    std::fs::write(folder.join("policy.json"), crate::create_secret::POLICY).unwrap();
    std::fs::create_dir_all(folder.join("manifests")).unwrap();
    let old = "apiVersion: helm.toolkit.fluxcd.io/v2beta1\nkind: HelmRelease\n";
    std::fs::write(folder.join("manifests/old.yaml"), old).unwrap();
    std::fs::write(folder.join("text"), "no key at all\n").unwrap();
    std::fs::write(folder.join("empty"), "").unwrap();
    objects::write_values(folder);
}
