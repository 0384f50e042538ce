//! What every `create` shares: the name, `--export`, `--interval`, `--label`, and the way an object gets where it belongs.

use super::kustomization::KustomizationArgs;
use super::secret_git::SecretGitArgs;
use super::source_git::SourceGitArgs;
use crate::api::Kind;
use crate::commands::Context;
use crate::commands::args::go_duration;
use crate::commands::help_text;
use crate::git::GitUrl;
use crate::ops::create::Upserted;
use crate::text::with_hint;
use crate::text::yaml;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

/// Create or update sources and resources
#[derive(clap::Args, Debug)]
pub struct CreateArgs {
    #[command(flatten)]
    shared: SharedArgs,
    #[command(subcommand)]
    what: What,
}

// Flags of every command below `create`.
#[derive(clap::Args, Debug, Clone)]
pub(super) struct SharedArgs {
    /// How often the object is reconciled
    #[arg(long, global = true, default_value = "1m0s", value_parser = go_duration, value_name = "duration")]
    pub(super) interval: Duration,
    /// Write the object to stdout as YAML and do nothing else
    #[arg(long, global = true, help_heading = help_text::OUTPUT)]
    pub(super) export: bool,
    /// Labels of the object, key=value
    #[arg(long, global = true, value_delimiter = ',', value_name = "strings")]
    label: Vec<String>,
}

#[derive(clap::Subcommand, Debug)]
enum What {
    /// Create or update sources
    Source(SourceArgs),
    #[command(alias = "ks")]
    Kustomization(KustomizationArgs),
    /// Create or update Kubernetes secrets
    Secret(SecretArgs),
}

#[derive(clap::Args, Debug)]
struct SourceArgs {
    /// Limit of one fetch; the default of the controller when zero
    #[arg(long, global = true, hide_short_help = true, default_value = "0s", value_parser = go_duration, value_name = "duration")]
    fetch_timeout: Duration,
    #[command(subcommand)]
    kind: Source,
}

#[derive(clap::Subcommand, Debug)]
enum Source {
    Git(SourceGitArgs),
}

#[derive(clap::Args, Debug)]
struct SecretArgs {
    #[command(subcommand)]
    kind: SecretKind,
}

#[derive(clap::Subcommand, Debug)]
enum SecretKind {
    Git(SecretGitArgs),
}

impl CreateArgs {
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        match self.what {
            What::Source(SourceArgs { fetch_timeout, kind: Source::Git(args) }) => {
                args.run(self.shared, fetch_timeout, context).await
            }
            What::Kustomization(args) => args.run(self.shared, context).await,
            What::Secret(SecretArgs { kind: SecretKind::Git(args) }) => args.run(self.shared, context).await,
        }
    }
}

/// The name among the words of the command line; more words are ignored.
///
/// # Errors
/// No name, or one that is not 2 to 63 lower-case letters, digits and inner dashes.
pub(super) fn name_of(words: &[String]) -> anyhow::Result<&str> {
    let Some(name) = words.first() else { anyhow::bail!("name is required") };
    anyhow::ensure!(
        name.len() >= 2 && crate::commands::args::is_dns_label(name),
        "name '{name}' is invalid, it should adhere to standard defined in RFC 1123, \
         the name can only contain alphanumeric characters or '-'"
    );
    Ok(name)
}

impl SharedArgs {
    /// The labels given.
    ///
    /// # Errors
    /// A label that is not `key=value`, or whose key or value Kubernetes would refuse.
    pub(super) fn labels(&self) -> anyhow::Result<BTreeMap<String, String>> {
        let mut labels = BTreeMap::new();
        for given in self.label.iter().filter(|given| !given.is_empty()) {
            let (key, value) = given
                .split_once('=')
                .filter(|(_, value)| !value.contains('='))
                .ok_or_else(|| anyhow::anyhow!("invalid label format '{given}', must be key=value"))?;
            anyhow::ensure!(is_qualified_name(key), "invalid label '{given}': \"{key}\" is not a label key");
            anyhow::ensure!(
                value.is_empty() || is_label_value(value),
                "invalid label '{given}': \"{value}\" is not a label value"
            );
            labels.insert(key.to_owned(), value.to_owned());
        }
        Ok(labels)
    }
}

/// `[prefix/]name` as label keys are: a DNS subdomain, and a name of up to 63 characters.
fn is_qualified_name(text: &str) -> bool {
    let (prefix, name) = match text.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, text),
    };
    let subdomain =
        |prefix: &str| prefix.len() <= 253 && prefix.split('.').all(crate::commands::args::is_dns_label);
    prefix.is_none_or(subdomain) && is_label_value(name)
}

/// 1 to 63 letters, digits, `-`, `_`, `.`, beginning and ending with a letter or digit.
fn is_label_value(text: &str) -> bool {
    let bytes = text.as_bytes();
    let end = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    bytes.len() <= 63
        && end(bytes.first())
        && end(bytes.last())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
}

/// An object of one of Flux's kinds, without the fields that are empty.
///
/// # Errors
/// When the spec cannot be written as JSON.
pub(super) fn object(
    kind: &Kind,
    name: &str,
    namespace: &str,
    labels: BTreeMap<String, String>,
    spec: &impl serde::Serialize,
) -> anyhow::Result<Value> {
    let mut object = json!({
        "apiVersion": kind.api_version(),
        "kind": kind.kind,
        "metadata": {"name": name, "namespace": namespace},
        "spec": crate::ops::create::without_nulls(serde_json::to_value(spec)?),
    });
    if !labels.is_empty() {
        object["metadata"]["labels"] = serde_json::to_value(labels)?;
    }
    Ok(object)
}

/// Writes an object as YAML.
///
/// # Errors
/// When stdout cannot be written.
pub(super) fn export(context: &Context, object: &Value) -> anyhow::Result<()> {
    context.ui.data(&format!("---\n{}", yaml::to_string(object)))
}

/// How an upsert is told.
pub(super) fn word(upserted: Upserted) -> &'static str {
    match upserted {
        Upserted::Created => "created",
        Upserted::Updated => "updated",
    }
}

/// A Git URL, its scheme found and refused as upstream does.
///
/// # Errors
/// Another scheme than `https`, `http` and `ssh`; no host, no repository.
pub(super) fn git_url(text: &str) -> anyhow::Result<GitUrl> {
    let head = text.split(['/', '?', '#']).next().unwrap_or_default();
    let scheme = match head.split_once(':') {
        Some((scheme, _)) if is_scheme(scheme) => scheme,
        Some((scheme, _)) => {
            let reason = if scheme.is_empty() {
                "missing protocol scheme"
            } else {
                "first path segment in URL cannot contain colon"
            };
            let error = anyhow::anyhow!("git URL parse failed: parse \"{text}\": {reason}");
            // The form of scp has no scheme; what it means is said by the reader of URLs.
            let refused = GitUrl::parse(text).err().map(|error| error.to_string());
            return Err(with_hint(error, refused.unwrap_or_default()));
        }
        None => "",
    };
    anyhow::ensure!(
        ["ssh", "http", "https"].contains(&scheme.to_ascii_lowercase().as_str()),
        "git URL scheme '{}' not supported, can be: ssh, http and https",
        scheme.to_ascii_lowercase()
    );
    Ok(GitUrl::parse(text)?)
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter))
}
