//! Builds of kustomizations: the native build, and kustomize itself for what that does not cover.

use crate::ops::Sink;
use crate::render::Disk;
use crate::render::kustomize;
use crate::render::kustomize::Build;
use crate::render::kustomize::Reorder;
use crate::render::kustomize::Restrictor;
use crate::text::WithHint;
use crate::text::yaml;
use anyhow::Context;
use serde_json::Value;
use std::cell::RefCell;
use std::io::ErrorKind;
use std::path::Path;

/// The variables of the environment that a program which builds instead is given: where it finds programs, settings, other repositories and their
/// certificates. A token of a forge or a password is none of them.
#[derive(Debug, Clone, Default)]
pub struct ChildVariables(Vec<(String, String)>);

/// Names, and beginnings of names that end in `_`.
const GIVEN: [&str; 21] = [
    "APPDATA",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_SSL_CAINFO",
    "GNUPGHOME",
    "HOME",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "KUSTOMIZE_",
    "LANG",
    "LC_",
    "LOCALAPPDATA",
    "NO_PROXY",
    "PATH",
    "SSH_AUTH_SOCK",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "SYSTEMROOT",
    "TMPDIR",
    "USER",
    "XDG_",
];

impl ChildVariables {
    /// Those of an environment.
    pub fn of<'e>(environment: impl Iterator<Item = (&'e str, &'e str)>) -> Self {
        let is_given = |name: &str| {
            let name = name.to_uppercase();
            GIVEN.iter().any(|given| name == *given || (given.ends_with('_') && name.starts_with(given)))
        };
        let given = environment.filter(|(name, _)| is_given(name));
        Self(given.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}

/// Who hears of deprecated fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deprecations {
    /// A line on stderr for each, as kustomize writes it.
    Told,
    Silent,
}

/// The objects of a folder below a root. What the native build does not cover is built by `kubectl` or `kustomize`, which is reported.
///
/// # Errors
/// A build that fails; a field that is not covered when neither program is there.
pub async fn kustomize(
    ui: &dyn Sink,
    root: &Path,
    folder: &str,
    options: kustomize::Options,
    deprecations: Deprecations,
    variables: &ChildVariables,
) -> anyhow::Result<Vec<Value>> {
    let tree = Disk::new(root)?;
    let inside = folder.to_owned();
    let build = move || {
        let lines = RefCell::default();
        let tell = |line| RefCell::<Vec<String>>::borrow_mut(&lines).push(line);
        let built = kustomize::build_and_tell(&tree, &inside, options, &tell);
        (built, lines.into_inner())
    };
    // On a thread of its own: a build may take long, and whoever waits for it may be interrupted or run out of time.
    let (built, lines) = tokio::task::spawn_blocking(build).await?;
    let is_left_to_others = matches!(built, Ok(Build::NotCovered(_)));
    if deprecations == Deprecations::Told && !is_left_to_others {
        lines.iter().for_each(|line| ui.note(line));
    }
    match built? {
        Build::Built(objects) => Ok(objects),
        Build::NotCovered(what) => {
            let mut objects =
                build_outside(ui, &root.join(folder), options, &what, deprecations, variables).await?;
            if options.managed_by_label {
                objects.iter_mut().for_each(kustomize::add_managed_by_label);
            }
            Ok(objects)
        }
    }
}

/// The objects of a folder of the disk; deprecated fields are reported.
///
/// # Errors
/// A folder that does not exist or cannot be built.
pub async fn kustomize_folder(
    ui: &dyn Sink,
    folder: &Path,
    options: kustomize::Options,
    variables: &ChildVariables,
) -> anyhow::Result<Vec<Value>> {
    let shown = folder.display();
    let folder = folder.canonicalize().with_context(|| format!("reading \"{shown}\""))?;
    // A base may be anywhere, and so the tree is the whole disk.
    let below_root = folder.to_str().with_context(|| format!("the name of \"{shown}\" is not UTF-8"))?;
    let below_root = below_root.trim_start_matches('/');
    let built = self::kustomize(ui, Path::new("/"), below_root, options, Deprecations::Told, variables).await;
    built.with_context(|| format!("building \"{shown}\""))
}

async fn build_outside(
    ui: &dyn Sink,
    folder: &Path,
    options: kustomize::Options,
    what: &str,
    deprecations: Deprecations,
    variables: &ChildVariables,
) -> anyhow::Result<Vec<Value>> {
    let restrictor = match options.restrictor {
        Restrictor::RootOnly => "LoadRestrictionsRootOnly",
        Restrictor::None => "LoadRestrictionsNone",
    };
    for (program, verb) in [("kubectl", "kustomize"), ("kustomize", "build")] {
        let mut command = tokio::process::Command::new(program);
        command.arg(verb).arg(folder).arg(format!("--load-restrictor={restrictor}"));
        // It needs no credentials, and neither does what it starts.
        command.env_clear().envs(variables.0.iter().map(|(name, value)| (name, value)));
        // kubectl always has the order of its kustomize.
        if program == "kustomize" && options.reorder == Reorder::None {
            command.arg("--reorder=none");
        }
        let output = match command.kill_on_drop(true).output().await {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            output => output.with_context(|| format!("starting {program}"))?,
        };
        ui.warning(format!("building with `{program} {verb}`, because of {what}"));
        let errors = String::from_utf8_lossy(&output.stderr);
        let (warnings, errors): (Vec<&str>, Vec<&str>) = errors
            .trim()
            .lines()
            .partition(|line| line.starts_with("# Warning: ") || line.starts_with("Flag --"));
        if deprecations == Deprecations::Told {
            warnings.iter().filter(|line| line.starts_with('#')).for_each(|line| ui.note(line));
        }
        let errors = errors.join("\n");
        let errors =
            errors.strip_prefix("Error: ").or_else(|| errors.strip_prefix("error: ")).unwrap_or(&errors);
        anyhow::ensure!(output.status.success(), "{errors}");
        let text = String::from_utf8(output.stdout)?;
        return Ok(yaml::documents(&text, &folder.display().to_string())?);
    }
    Err(anyhow::anyhow!("{what} is not covered by this build"))
        .hint("install kustomize or kubectl, and the folder is built with it")
}

#[cfg(test)]
mod tests {
    use super::ChildVariables;

    #[test]
    fn a_program_that_builds_instead_is_given_what_it_needs_and_no_token() {
        let environment = [
            ("PATH", "/bin"),
            ("https_proxy", "http://proxy"),
            ("LC_ALL", "C"),
            ("XDG_CONFIG_HOME", "/config"),
            ("GITLAB_TOKEN", "t"),
            ("GIT_PASSWORD", "p"),
            ("A_TOKEN_OF_NEXT_YEAR", "t"),
            ("LC", "no"),
        ];
        let given = ChildVariables::of(environment.into_iter()).0;
        let names: Vec<&str> = given.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["PATH", "https_proxy", "LC_ALL", "XDG_CONFIG_HOME"]);
    }
}
