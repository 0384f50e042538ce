//! What is built from files of this machine, and how: the flags of `build kustomization` and `diff kustomization`.

use super::CommandContext;
use super::go_pairs;
use super::list_flag;
use super::list_flag::Items;
use super::list_flag::items;
use crate::ops::build::BuildRequest;
use crate::ops::build::BuildSettings;
use crate::ops::build::DeprecationLog;
use crate::ops::several::KustomizationSelection;
use crate::text;
use crate::text::WithHint;
use crate::text::absolute_path;
use anyhow::Context as _;
use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;

/// How a path is shown that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShownPath {
    AsGiven,
    FromRoot,
}

// Not a documentation comment: clap would show it as what the command is.
#[derive(clap::Args, Debug)]
pub struct BuildKustomizationArgs {
    /// All Kustomizations of the namespace, or of the file, from their local sources
    #[arg(long)]
    all: bool,
    /// Folder with the manifests of one Kustomization
    #[arg(long, value_hint = clap::ValueHint::DirPath)]
    path: String,
    /// File with the Kustomization, instead of the one in the cluster
    #[arg(long, value_hint = clap::ValueHint::FilePath)]
    kustomization_file: String,
    /// Patterns to exclude, as in .gitignore
    #[arg(long, value_parser = items)]
    ignore_paths: Vec<Items>,
    /// Also build the Kustomizations in the result
    #[arg(long, short = 'r')]
    recursive: bool,
    /// Which folders sources are in: <kind>/<namespace>/<name>=<folder>
    #[arg(long, value_parser = go_pairs, value_name = "folders,…")]
    local_sources: Vec<BTreeMap<String, String>>,
    /// Fail if a variable is not set and has no default
    #[arg(long)]
    strict_substitute: bool,
    /// Read no file outside of the current folder
    #[arg(long, hide_short_help = true)]
    in_memory_build: bool,
}

impl BuildKustomizationArgs {
    /// What is to be built, before anything else is looked at.
    ///
    /// # Errors
    /// Neither a name nor a folder may be missing; in the words of the Flux CLI, which shows the path as it was `given` or from the root.
    pub fn wanted(&self, names: &[String], given: ShownPath) -> anyhow::Result<KustomizationSelection> {
        if self.all {
            anyhow::ensure!(names.is_empty(), "--all means every Kustomization: leave out the names");
            anyhow::ensure!(
                self.path.is_empty(),
                "--path is the folder of one Kustomization, and --all means several"
            );
            return Ok(KustomizationSelection::All);
        }
        let name = names.first().context("kustomization name is required")?;
        if self.path.is_empty() && !self.local_sources.is_empty() {
            return Ok(KustomizationSelection::Named(names.to_vec()));
        }
        let wrong = |path: &str| format!("invalid resource path {}", text::quoted(path));
        if self.path.is_empty() {
            return Err(anyhow::anyhow!(wrong(""))).hint("--path names the folder with the manifests");
        }
        let folder = absolute_path(Path::new(&self.path))?;
        let shown = match given {
            ShownPath::AsGiven => self.path.clone(),
            ShownPath::FromRoot => folder.display().to_string(),
        };
        anyhow::ensure!(folder.is_dir(), wrong(&shown));
        Ok(KustomizationSelection::One { name: name.clone(), folder })
    }

    /// The file with the Kustomization.
    pub fn file(&self) -> Option<&Path> {
        Some(Path::new(&self.kustomization_file)).filter(|file| !file.as_os_str().is_empty())
    }

    /// How everything is built; without a name and a folder.
    ///
    /// # Errors
    /// A file that is not there.
    pub fn request(&self, context: &CommandContext) -> anyhow::Result<BuildRequest> {
        if let Some(file) = self.file() {
            let is_usable = file.exists() && !file.is_dir();
            let shown = text::quoted(&self.kustomization_file);
            anyhow::ensure!(is_usable, "invalid kustomization file {shown}");
        }
        let root = if self.in_memory_build { Some(std::env::current_dir()?) } else { None };
        let sources = self.local_sources.iter().flatten();
        Ok(BuildRequest {
            name: String::new(),
            namespace: context.namespace.clone(),
            folder: PathBuf::new(),
            file: self.file().map(Path::to_owned),
            may_be_new: false,
            live: None,
            commit: None,
            elsewhere: context.elsewhere(),
            settings: BuildSettings {
                ignored: list_flag::all(&self.ignore_paths),
                is_strict: self.strict_substitute,
                is_recursive: self.recursive,
                local_sources: sources.map(|(name, folder)| (name.clone(), folder.clone())).collect(),
                root,
                here: std::env::current_dir().unwrap_or_default(),
                deprecations: DeprecationLog::default(),
            },
        })
    }
}
