//! The flags that log in to a registry.

use super::CommandContext;
use super::choice;
use super::completion;
use super::help_text;
use crate::api::meta::CloudProvider;
use crate::cluster;
use crate::forge::FORGES;
use crate::net::Meter;
use crate::net::OnRetry;
use crate::oci::Access;
use crate::oci::Cloud;
use crate::oci::Credentials;
use crate::oci::Places;
use crate::oci::Pulled;
use crate::oci::Reference;
use crate::oci::Registry;
use crate::oci::RegistryError;
use crate::oci::Repository;
use crate::oci::Right;
use crate::text::Secret;
use crate::text::with_hint;
use anyhow::Context as _;
use tokio::time::Instant;

/// After a first pause of a second, each is three times as long; so these are minutes.
const RETRIES: usize = 2;
/// What is being pushed is worth waiting for, up to `--timeout`.
const RETRIES_OF_PUSH: usize = 9;

// The login at a registry. Not a documentation comment: clap would show it as what the command is.
#[derive(clap::Args, Debug)]
pub struct RegistryArgs {
    /// Login for the registry: <user>:<password> or a token; without it, Docker's configuration is used
    #[arg(long, help_heading = help_text::AUTHENTICATION)]
    creds: Option<Secret>,
    /// Cloud that runs the registry: the login is that of its command-line program aws, az or gcloud
    #[arg(long, default_value = "generic", value_name = "generic|aws|azure|gcp", value_parser = provider, add = completion::words(PROVIDERS), help_heading = help_text::AUTHENTICATION)]
    provider: Provider,
    /// Allow plain HTTP, and any certificate
    #[arg(long, help_heading = help_text::AUTHENTICATION)]
    insecure_registry: bool,
}

/// What `--provider` takes, as the shell completes it.
const PROVIDERS: [&str; 4] = ["generic", "aws", "azure", "gcp"];

/// What `--provider` says.
type Provider = Option<Cloud>;

fn provider(text: &str) -> Result<Provider, String> {
    Ok(match oci_provider(text)? {
        CloudProvider::Generic => None,
        CloudProvider::Aws => Some(Cloud::Aws),
        CloudProvider::Azure => Some(Cloud::Azure),
        CloudProvider::Gcp => Some(Cloud::Gcp),
    })
}

/// The cloud that runs a registry.
///
/// # Errors
/// Another word, or none.
pub fn oci_provider(text: &str) -> Result<CloudProvider, String> {
    let none = "no source OCI provider given, please specify the OCI provider name";
    choice(text, &PROVIDERS, none, "source OCI provider")
}

impl RegistryArgs {
    /// The login that the flags say, if they do.
    ///
    /// # Errors
    /// A cloud that has no login.
    pub async fn log_in(
        &self,
        context: &CommandContext,
        reference: &Reference,
    ) -> anyhow::Result<Option<Credentials>> {
        if let Some(cloud) = self.provider {
            context.ui.action("logging in to registry with provider credentials");
            let name = cloud.name();
            let doing = format!(
                "error during login with provider: could not login to provider {name} with url {reference}"
            );
            let of_forges: Vec<_> = FORGES.iter().map(|forge| forge.token).collect();
            let asked = cloud.credentials(&reference.repository, &of_forges);
            return cluster::in_time(context.timeout, "logging in", asked).await.map(Some).context(doing);
        }
        let Some(creds) = self.creds.as_ref().filter(|creds| !creds.is_empty()) else { return Ok(None) };
        context.ui.action("logging in to registry with credentials");
        Ok(Some(Credentials::read(creds)))
    }

    /// Connects to the registry with this login, or with that of Docker's configuration.
    ///
    /// # Errors
    /// A configuration that cannot be read; a registry that does not answer.
    pub async fn open<'a>(
        &self,
        context: &'a CommandContext,
        repository: &Repository,
        login: Option<Credentials>,
        right: Right,
        on_retry: Option<&'a OnRetry<'a>>,
    ) -> anyhow::Result<Registry<'a>> {
        let credentials = match login {
            Some(credentials) => credentials,
            None => {
                let places = Places::of(|name| context.env.get(name));
                places.credentials(repository, |warning| context.ui.warning(warning)).await?
            }
        };
        let access = Access {
            credentials,
            is_insecure: self.insecure_registry,
            proxy: context.proxy(),
            until: Instant::now() + context.timeout,
            retries: if right == Right::Push { RETRIES_OF_PUSH } else { RETRIES },
            on_retry,
            redact: Box::new(|secret| context.ui.redact(secret)),
        };
        explained(Registry::open(repository, access, right).await, repository)
    }

    /// Pulls an artifact within the time of the command, with a bar on a terminal.
    ///
    /// # Errors
    /// As [`Self::open`]; an artifact that is not there or not what it says.
    pub async fn pull(
        &self,
        context: &CommandContext,
        reference: &Reference,
        login: Option<Credentials>,
    ) -> anyhow::Result<Pulled> {
        let work = async {
            let repository = &reference.repository;
            let registry = self.open(context, repository, login, Right::Pull, None).await?;
            let found = explained(registry.find(reference.identifier.as_str()).await, repository)?;
            let meter = Meter::default();
            let seen = meter.clone();
            let bar = context.ui.bar("pulling", Some(found.size()), move || seen.bytes());
            let pulled = registry.pull(found, &meter).await;
            drop(bar);
            explained(pulled, repository)
        };
        cluster::in_time(context.timeout, &format!("pulling {reference}"), work).await
    }
}

/// Adds to an error of a registry what its reader can do.
///
/// # Errors
/// The error of the result.
pub fn explained<T>(result: Result<T, RegistryError>, repository: &Repository) -> anyhow::Result<T> {
    result.map_err(|error| {
        let hint = error.hint(repository.registry()).unwrap_or_default();
        with_hint(error.into(), hint)
    })
}
