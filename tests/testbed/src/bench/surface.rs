//! What holds for many commands: the start of each, and `create … --export` of every kind.

use super::measure::Programs;
use super::measure::Runs;
use super::measure::hyperfine;
use std::fmt::Write;
use std::path::Path;

/// What each `create` needs; files are those of [`write_files`].
const CREATES: &[&str] = &[
    "alert app --provider-ref=chat --event-source=Kustomization/*",
    "alert-provider app --type=slack",
    "helmrelease app --source=HelmRepository/app --chart=web",
    "image policy app --image-ref=app --select-semver=1.x",
    "image repository app --image=ghcr.io/acme/app",
    "image update app --git-repo-ref=app --checkout-branch=main --author-name=ada --author-email=ada@example.com",
    "kustomization app --source=GitRepository/app --path=./app --prune",
    "receiver app --type=github --secret-ref=token --resource=GitRepository/app",
    "secret git app --url=https://git.example.com/app --username=ada --password=hunter22",
    "secret githubapp app --app-id=1 --app-installation-id=2 --app-private-key=key",
    "secret helm app --username=ada --password=hunter22",
    "secret oci app --url=ghcr.io/acme/app --username=ada --password=hunter22",
    "secret proxy app --address=https://proxy.example.com:8080",
    "secret receiver app --type=github --hostname=flux.example.com --token=hunter22",
    "source bucket app --bucket-name=app --endpoint=s3.example.com",
    "source chart app --source=HelmRepository/app --chart=web",
    "source git app --url=https://git.example.com/app --branch=main",
    "source helm app --url=https://charts.example.com",
    "source oci app --url=oci://ghcr.io/acme/app --tag=latest",
    "tenant team --with-namespace=team-apps",
];

/// The least, the greatest, and whose that is, in a sentence each; and the size of the binary.
pub(super) fn sentences(programs: &Programs, folder: &Path) -> anyhow::Result<String> {
    crate::say::tell("every create, and the start of every command");
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("key"), "a key")?;
    let mut ratios = Vec::new();
    for words in CREATES {
        let words = words.replace("=key", &format!("={}", folder.join("key").display()));
        let line = |program: &Path| format!("{} create {words} --export", program.display());
        let times = hyperfine(&[line(&programs.flux), line(&programs.fluxr)], &[], Runs::Few)?;
        let kind: Vec<&str> = words.split(' ').take_while(|word| !matches!(*word, "app" | "team")).collect();
        ratios.push((times[1] / times[0], format!("create {}", kind.join(" "))));
    }
    let mut root = fluxr::testing::commands::command("fluxr");
    root.build();
    let mut lines = Vec::new();
    let mut open = vec![(String::new(), &root)];
    while let Some((path, command)) = open.pop() {
        lines.push(path.clone());
        open.extend(command.get_subcommands().map(|below| (format!("{path} {}", below.get_name()), below)));
    }
    let helps: Vec<String> =
        lines.iter().map(|path| format!("{}{path} --help", programs.fluxr.display())).collect();
    let starts: Vec<(f64, String)> = hyperfine(&helps, &[], Runs::Few)?.into_iter().zip(lines).collect();
    let mut text = String::new();
    for (what, measured, unit) in [
        (format!("`create … --export` of {} kinds, ratios", CREATES.len()), ratios, ""),
        (format!("Start of {} commands (`--help`)", starts.len()), starts, " ms"),
    ] {
        let mut sorted = measured;
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        let [(least, _), .., (most, whose)] = &sorted[..] else { continue };
        // Writing to a text cannot fail.
        let _ = writeln!(text, "{what}: {least:.2}{unit} to {most:.2}{unit} (`{}`).", whose.trim());
    }
    let size = std::fs::metadata(&programs.fluxr)?.len();
    let _ = writeln!(text, "The binary has {size} bytes.");
    Ok(text)
}
