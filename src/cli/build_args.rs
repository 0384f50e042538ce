//! What is built from files of this machine, and how: the flags of `build kustomization`.

use super::Context;
use super::go_pairs;
use super::list_flag;
use super::list_flag::Items;
use super::list_flag::items;
use crate::ops::build::BuildRequest;
use crate::ops::build::BuildSettings;
use crate::ops::build::absolute;
use crate::text;
use crate::text::WithHint;
use anyhow::Context as _;
use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;

// Not a documentation comment: clap would show it as what the command is.
#[derive(clap::Args, Debug)]
pub struct BuildKustomizationArgs {
    /// Folder with the manifests
    #[arg(long, default_value = "", value_hint = clap::ValueHint::DirPath)]
    path: String,
    /// File with the Kustomization, instead of the one in the cluster
    #[arg(long, default_value = "", value_hint = clap::ValueHint::FilePath)]
    kustomization_file: String,
    /// What stays out of the build, in the form of .gitignore
    #[arg(long, value_parser = items)]
    ignore_paths: Vec<Items>,
    /// Also build the Kustomizations in the result
    #[arg(long, short = 'r')]
    recursive: bool,
    /// Where the sources of Kustomizations in the result are: <kind>/<namespace>/<name>=<folder>
    #[arg(long, value_parser = go_pairs)]
    local_sources: Vec<BTreeMap<String, String>>,
    /// Fail if a variable is not set and has no default
    #[arg(long)]
    strict_substitute: bool,
    /// Read no file outside of the current folder
    #[arg(long)]
    in_memory_build: bool,
}

impl BuildKustomizationArgs {
    /// The name and the folder, before anything else is looked at.
    ///
    /// # Errors
    /// Neither may be missing; in the words of the Flux CLI.
    pub fn judge<'n>(&self, names: &'n [String]) -> anyhow::Result<(&'n str, PathBuf)> {
        let name = names.first().context("kustomization name is required")?;
        let wrong =
            |path: &Path| format!("invalid resource path {}", text::quoted(&path.display().to_string()));
        if self.path.is_empty() {
            return Err(anyhow::anyhow!(wrong(Path::new(""))))
                .hint("--path names the folder with the manifests");
        }
        let folder = absolute(Path::new(&self.path))?;
        anyhow::ensure!(folder.is_dir(), wrong(&folder));
        Ok((name, folder))
    }

    /// The file with the Kustomization.
    pub fn file(&self) -> Option<&Path> {
        Some(Path::new(&self.kustomization_file)).filter(|file| !file.as_os_str().is_empty())
    }

    /// The whole request.
    ///
    /// # Errors
    /// A file that is not there.
    pub fn request(&self, context: &Context, name: &str, folder: PathBuf) -> anyhow::Result<BuildRequest> {
        if let Some(file) = self.file() {
            let is_usable = file.exists() && !file.is_dir();
            let shown = text::quoted(&self.kustomization_file);
            anyhow::ensure!(is_usable, "invalid kustomization file {shown}");
        }
        let root = if self.in_memory_build { Some(std::env::current_dir()?) } else { None };
        Ok(BuildRequest {
            name: name.to_owned(),
            namespace: context.namespace.clone(),
            folder,
            file: self.file().map(Path::to_owned),
            elsewhere: context.elsewhere(),
            settings: BuildSettings {
                ignored: list_flag::all(&self.ignore_paths),
                is_strict: self.strict_substitute,
                is_recursive: self.recursive,
                local_sources: self
                    .local_sources
                    .iter()
                    .flatten()
                    .map(|(name, folder)| (name.clone(), folder.clone()))
                    .collect(),
                root,
            },
        })
    }
}
