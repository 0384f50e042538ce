//! What every `create` shares: the name, `--export`, `--interval`, `--label`, and the way an object gets where it belongs.

use crate::api::Kind;
use crate::api::ObjectId;
use crate::api::object;
use crate::cli::ChangeArgs;
use crate::cli::CommandContext;
use crate::cli::SshKeyArgs;
use crate::cli::go_duration;
use crate::cli::help_text;
use crate::cli::list_flag;
use crate::cli::list_flag::Items;
use crate::cli::list_flag::items;
use crate::cli::needs_destination;
use crate::cluster;
use crate::git::GitUrl;
use crate::git::Scheme;
use crate::git::ssh::KeyPair;
use crate::ops;
use crate::ops::create::Manner;
use crate::text::GoUrl;
use crate::text::Secret;
use crate::text::WithHint;
use crate::text::check_path_in_repository;
use crate::text::with_hint;
use crate::text::yaml;
use crate::ui::Ui;
use anyhow::Context as _;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

// Flags of every command below `create`.
#[derive(clap::Args, Debug, Clone)]
pub(super) struct SharedArgs {
    /// How often the object is reconciled
    #[arg(long, global = true, default_value = "1m0s", value_parser = go_duration)]
    pub(super) interval: Duration,
    /// Write the object to stdout as YAML and do nothing else
    #[arg(long, global = true, help_heading = help_text::OUTPUT)]
    pub(super) export: bool,
    /// Labels of the object, key=value
    #[arg(long, global = true, value_parser = items)]
    label: Vec<Items>,
    /// File to write the object to, from the root of the repository, with --push
    #[arg(long, value_hint = clap::ValueHint::FilePath, global = true, help_heading = help_text::COMMITS)]
    manifest_file: Option<String>,
    #[command(flatten)]
    change: ChangeArgs,
}

/// Flags of every command below `create source`.
pub(super) struct SourceFlags {
    pub(super) shared: SharedArgs,
    pub(super) fetch_timeout: Duration,
}

/// The name among the words of the command line; more words are ignored.
///
/// # Errors
/// No name, or one that is not 2 to 63 lower-case letters, digits and inner dashes.
pub(super) fn name_of(words: &[String]) -> anyhow::Result<&str> {
    let Some(name) = words.first() else { anyhow::bail!("name is required") };
    anyhow::ensure!(
        name.len() >= 2 && crate::cli::is_dns_label(name),
        "name '{name}' is invalid, it should adhere to standard defined in RFC 1123, \
         the name can only contain alphanumeric characters or '-'"
    );
    Ok(name)
}

impl SharedArgs {
    /// Judges the flags that say where the object goes.
    ///
    /// # Errors
    /// Flags that exclude each other, or that are about a commit where nothing is committed.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        anyhow::ensure!(
            !(self.export && self.change.is_asked()),
            "--export writes to stdout, and --push, --pull-request and --dry-run are about the repository; pick one"
        );
        match self.manifest_file {
            Some(_) if !self.change.is_asked() => Err(needs_destination("--manifest-file")),
            Some(ref file) => {
                check_path_in_repository("--manifest-file", file)?;
                self.change.check()
            }
            None => self.change.check(),
        }
    }

    /// Whether the object is written down, on stdout or in the repository, instead of brought into the cluster.
    pub(super) fn is_written(&self) -> bool {
        self.export || self.change.is_asked()
    }

    /// Refuses what would end up in the repository in plain text.
    ///
    /// # Errors
    /// Credentials were given, and the object goes into the repository.
    pub(super) fn refuse_credentials(&self, are_given: bool) -> anyhow::Result<()> {
        if !(are_given && self.change.is_asked()) {
            return Ok(());
        }
        Err(anyhow::anyhow!("credentials are not committed in plain text"))
            .hint("commit a Secret that SOPS has encrypted, and name it with --secret-ref")
    }

    /// Says that the object is being made, unless it goes to stdout.
    pub(super) fn announce(&self, context: &CommandContext, title: &str) {
        if !self.export {
            context.ui.generate(format!("generating {title}"));
        }
    }

    /// The labels given.
    ///
    /// # Errors
    /// A label that is not `key=value`, or whose key or value Kubernetes would refuse.
    pub(super) fn labels(&self) -> anyhow::Result<BTreeMap<String, String>> {
        let mut labels = BTreeMap::new();
        for given in list_flag::each(&self.label) {
            let parts = given.split_once('=').filter(|(_, value)| !value.contains('='));
            let (key, value) =
                parts.ok_or_else(|| anyhow::anyhow!("invalid label format '{given}', must be key=value"))?;
            let faults = cluster::labels::key_faults(key);
            anyhow::ensure!(faults.is_empty(), "invalid label '{key}': [{}]", faults.join(" "));
            let faults = cluster::labels::value_faults(value);
            anyhow::ensure!(faults.is_empty(), "invalid label value '{value}': [{}]", faults.join(" "));
            labels.insert(key.to_owned(), value.to_owned());
        }
        Ok(labels)
    }
}

/// An object of one of Flux's kinds. Its type leaves out the fields that are empty.
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
        "metadata": {"name": name},
        "spec": serde_json::to_value(spec)?,
    });
    if !namespace.is_empty() {
        object["metadata"]["namespace"] = json!(namespace);
    }
    if !labels.is_empty() {
        object["metadata"]["labels"] = serde_json::to_value(labels)?;
    }
    Ok(object)
}

/// Writes the object as YAML where that is asked for; otherwise brings it into the cluster, and returns it once it is ready.
///
/// # Errors
/// When stdout cannot be written; no connection to the cluster; as [`ops::create::apply`].
pub(super) async fn export_or_apply(
    shared: &SharedArgs,
    context: &CommandContext,
    kind: &'static Kind,
    object: &Value,
    manner: &Manner<'_>,
) -> anyhow::Result<Option<Value>> {
    if shared.is_written() {
        write_one(shared, context, kind, object).await?;
        return Ok(None);
    }
    let session = context.session().await?;
    ops::create::apply(&session, kind, object, manner).await.map(Some)
}

/// As [`write`], for one object of a kind.
///
/// # Errors
/// As [`write`].
pub(super) async fn write_one(
    shared: &SharedArgs,
    context: &CommandContext,
    kind: &Kind,
    object: &Value,
) -> anyhow::Result<()> {
    write(shared, context, (&ObjectId::of(object), kind.kind), std::slice::from_ref(object)).await
}

/// Writes objects down: on stdout as YAML, or in the repository. `what` gives file and message their names, with the word for it.
///
/// # Errors
/// When stdout cannot be written; as [`ops::change::create`].
pub(super) async fn write(
    shared: &SharedArgs,
    context: &CommandContext,
    what: (&ObjectId, &str),
    objects: &[Value],
) -> anyhow::Result<()> {
    if shared.export {
        return objects.iter().try_for_each(|object| export(context, object));
    }
    let task = shared.change.task(context).await?;
    ops::change::create(&task, what, objects, shared.manifest_file.as_deref()).await
}

/// Says which revision of a source was fetched.
///
/// # Errors
/// There is none: `missing`.
pub(super) fn fetched(context: &CommandContext, source: &Value, missing: &'static str) -> anyhow::Result<()> {
    let revision = object::text_if_set(source, "/status/artifact/revision").context(missing)?;
    context.ui.success(format!("fetched revision: {revision}"));
    Ok(())
}

/// Writes an object as YAML.
///
/// # Errors
/// What YAML cannot hold; when stdout cannot be written.
fn export(context: &CommandContext, object: &Value) -> anyhow::Result<()> {
    context.ui.data(&format!("---\n{}", yaml::to_string_without_control(object)?))
}

/// The address after `--url`.
///
/// # Errors
/// What Go does not read as a URL.
pub(super) fn url(text: &str) -> anyhow::Result<GoUrl> {
    GoUrl::parse(text).map_err(|error| {
        let refused = anyhow::anyhow!("git URL parse failed: {error}");
        match GitUrl::instead_of_scp_form(text) {
            Some(hint) => with_hint(refused, hint),
            None if text.trim() != text => with_hint(refused, "leave out the blanks around the address"),
            None => refused,
        }
    })
}

/// How a Git server is spoken to.
///
/// # Errors
/// Another scheme than `https`, `http` and `ssh`.
pub(super) fn scheme(url: &GoUrl) -> anyhow::Result<Scheme> {
    match url.scheme.as_str() {
        "ssh" => Ok(Scheme::Ssh),
        "http" => Ok(Scheme::Http),
        "https" => Ok(Scheme::Https),
        other => anyhow::bail!("git URL scheme '{other}' not supported, can be: ssh, http and https"),
    }
}

/// The key of `--private-key-file`, or a new one; it is kept out of what is shown.
///
/// # Errors
/// As [`SshKeyArgs::load`].
pub(super) async fn key_pair(
    args: &SshKeyArgs,
    passphrase: Option<&Secret>,
    ui: &Ui,
) -> anyhow::Result<KeyPair> {
    let pair = match args.load(passphrase)? {
        Some(pair) => pair,
        None => ops::secret::generate_key(args.algorithm()).await?,
    };
    ui.redact(&pair.identity);
    Ok(pair)
}
