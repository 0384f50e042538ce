//! `kustomize`: the objects of a kustomization, as kustomize writes them.

use crate::cli::CommandContext;
use crate::ops;
use crate::ops::Elsewhere;
use crate::render::kustomize;
use crate::render::kustomize::Options;
use crate::render::kustomize::Reorder;
use crate::render::kustomize::Restrictor;
use crate::text::WithHint;
use anyhow::Context as _;
use serde_json::Value;
use std::ffi::OsString;
use std::path::Path;
use std::path::PathBuf;

const EXAMPLES: &str = "\
# Look at what a folder builds before it is committed
fluxr kustomize ./deploy
# Write every object to a file of its own
mkdir -p built && fluxr kustomize ./deploy -o built
# Build it, and fetch nothing
fluxr kustomize ./deploy --offline";

/// Build a kustomization and write its objects
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct KustomizeArgs {
    /// Folder with a kustomization.yaml, or the address of one in a repository
    #[arg(default_value = ".", value_hint = clap::ValueHint::DirPath, value_parser = clap::value_parser!(OsString))]
    folder: OsString,
    #[arg(hide = true)]
    further: Vec<PathBuf>,
    /// File to write to; in a folder, every object gets a file of its own
    #[arg(long, short = 'o', value_name = "format", value_hint = clap::ValueHint::AnyPath, value_parser = clap::value_parser!(OsString))]
    output: Option<OsString>,
    /// Where files may be read from: LoadRestrictionsRootOnly (below their kustomization), LoadRestrictionsNone
    #[arg(long, default_value = "LoadRestrictionsRootOnly")]
    load_restrictor: String,
    /// Order of the objects, unless the kustomization has sortOptions: legacy (by kind, the default), none (as listed)
    #[arg(long)]
    reorder: Option<String>,
    /// Add the label app.kubernetes.io/managed-by to every object, as buildMetadata: [managedByLabel] does
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = crate::cli::go_bool)]
    enable_managedby_label: Option<bool>,
    /// Fetch nothing: remote files and repositories are refused, but for commits that are kept from before
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = crate::cli::go_bool)]
    offline: Option<bool>,
    #[command(flatten)]
    programs: OfPrograms,
}

/// Flags of `kustomize build` that are about other programs.
#[derive(clap::Args, Debug)]
struct OfPrograms {
    /// Run Helm for charts: refused
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = crate::cli::go_bool)]
    enable_helm: Option<bool>,
    /// Run plugins: refused
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = crate::cli::go_bool)]
    enable_alpha_plugins: Option<bool>,
    /// Run functions that are executables: refused
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = crate::cli::go_bool)]
    enable_exec: Option<bool>,
    /// Allow network access for functions: refused
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = crate::cli::go_bool)]
    network: Option<bool>,
    /// Run functions as the current user: refused
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = crate::cli::go_bool)]
    as_current_user: Option<bool>,
    /// Make Helm verbose: refused
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = crate::cli::go_bool)]
    helm_debug: Option<bool>,
    /// Network of functions: refused
    #[arg(long, hide = true)]
    network_name: Option<String>,
    /// Storage of functions: refused
    #[arg(long, hide = true)]
    mount: Option<String>,
    /// Environment of functions: refused
    #[arg(long, short = 'e', hide = true)]
    env: Option<String>,
    /// Helm's executable: refused
    #[arg(long, hide = true)]
    helm_command: Option<String>,
    /// Versions of APIs for charts: refused
    #[arg(long, hide = true)]
    helm_api_versions: Option<String>,
    /// Version of Kubernetes for charts: refused
    #[arg(long, hide = true)]
    helm_kube_version: Option<String>,
}

impl OfPrograms {
    fn refuse(&self) -> anyhow::Result<()> {
        let given = [
            ("enable-helm", self.enable_helm == Some(true)),
            ("enable-alpha-plugins", self.enable_alpha_plugins == Some(true)),
            ("enable-exec", self.enable_exec == Some(true)),
            ("network", self.network == Some(true)),
            ("as-current-user", self.as_current_user == Some(true)),
            ("helm-debug", self.helm_debug == Some(true)),
            ("network-name", self.network_name.is_some()),
            ("mount", self.mount.is_some()),
            ("env", self.env.is_some()),
            ("helm-command", self.helm_command.is_some()),
            ("helm-api-versions", self.helm_api_versions.is_some()),
            ("helm-kube-version", self.helm_kube_version.is_some()),
        ];
        let Some((name, _)) = given.iter().find(|(_, is_given)| *is_given) else { return Ok(()) };
        let reason = format!("--{name} is not supported: a build starts no other program");
        Err(anyhow::anyhow!(reason)).hint(
            "let Flux install charts with a HelmRelease; run functions before, and list what they write in resources",
        )
    }
}

impl KustomizeArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        if self.reorder.is_some() {
            context.ui.note(
                "Flag --reorder has been deprecated, use the new 'sortOptions' field in kustomization.yaml instead.",
            );
        }
        if self.enable_managedby_label.is_some() {
            context.ui.note(
                "Flag --enable-managedby-label has been deprecated, The flag `enable-managedby-label` has been deprecated. \
                 Use the `managedByLabel` option in the `buildMetadata` field instead.",
            );
        }
        self.programs.refuse()?;
        anyhow::ensure!(self.further.is_empty(), "specify one path to kustomization.yaml");
        let options = Options {
            restrictor: restrictor(&self.load_restrictor)?,
            reorder: reorder(self.reorder.as_deref().unwrap_or("legacy"))?,
            managed_by_label: self.enable_managedby_label.unwrap_or_default(),
        };
        anyhow::ensure!(!self.folder.is_empty(), "must build at directory: directory path cannot be empty");
        let is_offline = self.offline.unwrap_or_default();
        let elsewhere = Elsewhere { is_offline, ..context.elsewhere() };
        let objects =
            ops::kustomize_folder(&context.ui, Path::new(&self.folder), options, &elsewhere).await?;
        match self.output.as_ref().filter(|place| !place.is_empty()).map(Path::new) {
            None => context.ui.data(&kustomize::render(&objects)),
            Some(place) if place.is_dir() => write_each(place, &objects),
            Some(file) => write(file, &kustomize::render(&objects)),
        }
    }
}

fn restrictor(text: &str) -> anyhow::Result<Restrictor> {
    match text {
        "LoadRestrictionsRootOnly" | "" => Ok(Restrictor::RootOnly),
        "LoadRestrictionsNone" => Ok(Restrictor::None),
        other => anyhow::bail!(
            "illegal flag value --load-restrictor {other}; legal values: [LoadRestrictionsRootOnly LoadRestrictionsNone]"
        ),
    }
}

fn reorder(text: &str) -> anyhow::Result<Reorder> {
    match text {
        "legacy" => Ok(Reorder::Legacy),
        "none" => Ok(Reorder::None),
        other => anyhow::bail!("illegal flag value --reorder {other}; legal values: [legacy none]"),
    }
}

fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(file, text).with_context(|| format!("writing \"{}\"", file.display()))
}

fn write_each(folder: &Path, objects: &[Value]) -> anyhow::Result<()> {
    kustomize::files(objects).iter().try_for_each(|(name, text)| write(&folder.join(name), text))
}
