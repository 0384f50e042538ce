//! The flags that `install` and `bootstrap` share: which controllers, from where, how they run.

use crate::cli::CommandContext;
use crate::cli::help_text;
use crate::cli::list_flag;
use crate::cli::list_flag::Items;
use crate::cli::list_flag::items;
use crate::distribution::ComponentOptions;
use crate::distribution::Release;
use crate::distribution::current_version;
use crate::ops;
use crate::render::kustomize::Options as Build;
use crate::render::kustomize::Reorder;
use crate::render::kustomize::Restrictor;
use crate::text::Secret;
use crate::text::WithHint;
use anyhow::Context as _;
use std::path::Path;

// Which controllers, from where, how they run.
#[derive(clap::Args, Debug, Clone)]
pub struct ComponentArgs {
    /// Release of Flux to install (default: the one of this program)
    #[arg(long, short = 'v', help_heading = help_text::COMPONENTS)]
    pub version: String,
    /// Controllers to install
    #[arg(long, value_parser = items, default_value = "source-controller,kustomize-controller,helm-controller,notification-controller", help_heading = help_text::COMPONENTS)]
    pub components: Vec<Items>,
    /// Controllers to install beside those
    #[arg(long, value_name = "names,…", value_parser = items, help_heading = help_text::COMPONENTS)]
    pub components_extra: Vec<Items>,
    /// Kustomization to install instead, as it is
    #[arg(long, hide = true)]
    pub manifests: Option<String>,
    /// Container registry of the images
    #[arg(long, default_value = "ghcr.io/fluxcd", help_heading = help_text::COMPONENTS, hide_short_help = true)]
    pub registry: String,
    /// Credentials of the registry, user:password; needs --image-pull-secret
    #[arg(long, value_name = "user:password", help_heading = help_text::COMPONENTS, hide_short_help = true)]
    pub registry_creds: Option<Secret>,
    /// Name of the Secret that the images are pulled with
    #[arg(long, help_heading = help_text::COMPONENTS, hide_short_help = true)]
    pub image_pull_secret: String,
    /// Watch objects in all namespaces, not only where Flux is installed
    #[arg(long, default_value_t = true, help_heading = help_text::COMPONENTS, hide_short_help = true)]
    pub watch_all_namespaces: bool,
    /// Deny traffic to the controllers from other namespaces, but for metrics and webhooks
    #[arg(long, default_value_t = true, help_heading = help_text::COMPONENTS, hide_short_help = true)]
    pub network_policy: bool,
    /// What the controllers log
    #[arg(long, default_value = "info", value_name = "level", value_parser = log_level, help_heading = help_text::COMPONENTS, hide_short_help = true)]
    pub log_level: String,
    /// Domain of the cluster's DNS
    #[arg(long, default_value = "cluster.local", help_heading = help_text::COMPONENTS, hide_short_help = true)]
    pub cluster_domain: String,
    /// Keys of taints that the controllers tolerate
    #[arg(long, value_parser = items, help_heading = help_text::COMPONENTS, hide_short_help = true)]
    pub toleration_keys: Vec<Items>,
}

impl ComponentArgs {
    /// The components as they were given.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        list_flag::each(&self.components).chain(list_flag::each(&self.components_extra))
    }

    /// Checked options for generating manifests.
    ///
    /// # Errors
    /// Unknown components, credentials that are not `user:password`, a release that this program cannot generate.
    pub fn options(&self, context: &CommandContext) -> anyhow::Result<ComponentOptions> {
        let release = Release::embedded(&self.version).unwrap_or_else(Release::current);
        let mut components: Vec<String> = Vec::new();
        for name in self.names() {
            release.component(name).with_context(|| format!("component {name} is not available"))?;
            if !components.iter().any(|known| known == name) {
                components.push(name.to_owned());
            }
        }
        self.registry_credentials()?;
        check_version(&self.version)?;
        Ok(ComponentOptions {
            release,
            namespace: context.namespace.clone(),
            components,
            registry: self.registry.clone(),
            image_pull_secret: self.image_pull_secret.clone(),
            log_level: self.log_level.clone(),
            cluster_domain: self.cluster_domain.clone(),
            watch_all_namespaces: self.watch_all_namespaces,
            network_policy: self.network_policy,
            built: None,
            toleration_keys: list_flag::all(&self.toleration_keys),
        })
    }

    /// User and password of the registry; the password may contain colons.
    ///
    /// # Errors
    /// No colon, or no Secret to put them into.
    pub fn registry_credentials(&self) -> anyhow::Result<Option<(String, Secret)>> {
        let Some(credentials) = self.registry_creds.as_ref().filter(|given| !given.is_empty()) else {
            return Ok(None);
        };
        anyhow::ensure!(
            !self.image_pull_secret.is_empty(),
            "--registry-creds requires --image-pull-secret to be set"
        );
        let (user, password) = credentials
            .reveal()
            .split_once(':')
            .context("invalid --registry-creds format, expected 'user:password'")?;
        Ok(Some((user.to_owned(), Secret::new(password))))
    }
}

/// Log levels of controllers, and what their entries are marked with.
pub const LOG_LEVELS: [&str; 3] = ["debug", "info", "error"];

/// One of the levels of the controllers' logs.
///
/// # Errors
/// Another word, in upstream's words.
pub fn log_level(text: &str) -> Result<String, String> {
    if LOG_LEVELS.contains(&text) {
        return Ok(text.to_owned());
    }
    let wrong = match text.trim() {
        "" => "no log level given".to_owned(),
        _ => format!("unsupported log level '{text}'"),
    };
    Err(format!("{wrong}, must be one of: {}", LOG_LEVELS.join(", ")))
}

/// Whether `--version` can name a release; says nothing about its existence.
fn check_version(version: &str) -> anyhow::Result<()> {
    anyhow::ensure!(
        matches!(version, "" | "latest") || version.starts_with('v'),
        "targeted version '{version}' must be prefixed with 'v'"
    );
    let own = current_version();
    let minor = |tag: &str| tag.split('.').take(2).collect::<Vec<_>>().join(".");
    if matches!(version, "" | "latest")
        || minor(version) == minor(own)
        || Release::embedded(version).is_some()
    {
        return Ok(());
    }
    Err(anyhow::anyhow!(
        "targeted version '{version}' is not compatible with your current version of flux ({})",
        own.trim_start_matches('v')
    ))
    .hint(format!("releases of {} can be installed; leave --version out for {own}", minor(own)))
}

/// The manifests of the release that `--version` names; those embedded when the program carries it; those of `--manifests` before either.
///
/// # Errors
/// A folder that cannot be built; a release that does not exist or has another minor version; downloads that fail or are not what the release says.
pub async fn fetch_manifests(
    args: &ComponentArgs,
    options: &mut ComponentOptions,
    context: &CommandContext,
) -> anyhow::Result<()> {
    if let Some(folder) = args.manifests.as_deref().filter(|folder| !folder.is_empty()) {
        let build = Build { restrictor: Restrictor::None, reorder: Reorder::None, ..Build::default() };
        options.built =
            Some(ops::kustomize_folder(&context.ui, Path::new(folder), build, &context.elsewhere()).await?);
    }
    let version = args.version.as_str();
    let releases = crate::distribution::Releases { proxy: context.proxy(), ..Default::default() };
    let wanted = match version {
        "" => return Ok(()),
        "latest" => releases.latest().await?,
        tag => tag.to_owned(),
    };
    check_version(&wanted)?;
    options.release = match Release::embedded(&wanted) {
        Some(release) => release,
        None => {
            let files = releases.manifests(&wanted).await?;
            Release::current().published_as(wanted, files)
        }
    };
    Ok(())
}
