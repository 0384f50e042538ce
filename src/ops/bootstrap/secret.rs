//! Step 3: the Secret with which source-controller logs in, and the deploy key that belongs to it.
//!
//! The Secret comes first: creating it is what decides, when two runs meet, whose key counts. The key at the forge then follows the
//! Secret, in this run or, after a crash, in the next; so a key that was deleted there, or a repository that was recreated, is mended too.

use super::deploy_token;
use super::held::full_name;
use super::held::look;
use super::held::observe;
use super::held::public_key_of;
use super::held::write;
use super::options::Provider;
use super::options::SourceAuth;
use super::plan::Plan;
use super::run::Run;
use crate::cluster::Deadline;
use crate::forge::DeployKey;
use crate::forge::ForgeError;
use crate::git::ssh::KeyPair;
use crate::ops::secret;
use crate::ops::secret::NewSecret;
use crate::text::Secret;
use anyhow::Context;
use k8s_openapi::api::core::v1::Secret as KubeSecret;

/// What was prepared beside the earlier steps.
pub(super) struct Prepared {
    key: Option<KeyPair>,
    known_hosts: Option<String>,
}

/// Makes a key and scans the host key, where they will be needed. Nothing is written.
pub(super) async fn prepare(auth: &SourceAuth, deadline: Deadline) -> anyhow::Result<Prepared> {
    match auth {
        SourceAuth::Fields(_) | SourceAuth::DeployToken { .. } => {
            Ok(Prepared { key: None, known_hosts: None })
        }
        SourceAuth::Loaded { host, host_key_algorithms, .. } => {
            let known_hosts = secret::scan(host, host_key_algorithms, deadline.remaining()).await?;
            Ok(Prepared { key: None, known_hosts: Some(known_hosts) })
        }
        SourceAuth::Generated { algorithm, host, host_key_algorithms } => {
            let scan = secret::scan(host, host_key_algorithms, deadline.remaining());
            let (key, known_hosts) =
                futures::future::try_join(secret::generate_key(*algorithm), scan).await?;
            Ok(Prepared { key: Some(key), known_hosts: Some(known_hosts) })
        }
    }
}

/// What would be written, without its content.
pub(super) async fn plan(run: &Run<'_>, plan: &mut Plan) -> anyhow::Result<()> {
    let existing = observe(run).await?;
    let name = full_name(run.options);
    let verb = if existing.is_some() { "replace" } else { "create" };
    let public = existing.as_ref().and_then(public_key_of);
    match &run.options.auth {
        SourceAuth::Fields(fields) => {
            if existing.as_ref().is_none_or(|existing| !fields.is_in(existing)) {
                plan.add("source secret", format!("{verb} Secret/{name} with {}", fields.keys().join(", ")));
            }
            return Ok(());
        }
        SourceAuth::DeployToken { ca } => return deploy_token::plan(run, existing.as_ref(), ca, plan).await,
        SourceAuth::Loaded { pair, .. } => {
            if public.as_deref() != Some(pair.public.trim()) {
                plan.add("source secret", format!("{verb} Secret/{name} with the given private key"));
            }
        }
        SourceAuth::Generated { .. } if public.is_none() => {
            plan.add("source secret", format!("{verb} Secret/{name} with a new SSH key"));
        }
        SourceAuth::Generated { .. } => {}
    }
    if let Some(provider) = run.provider {
        let present = provider.forge.deploy_keys().await;
        let title = run.options.deploy_key_title();
        let is_right = |key: &DeployKey| {
            key.title == title
                && key.read_only != provider.read_write_key
                && public.as_ref().is_some_and(|public| key.is_same_key(public))
        };
        // A repository that does not exist yet has no keys.
        if !present.is_ok_and(|keys| keys.iter().any(is_right)) {
            plan.add("source secret", format!("configure the deploy key \"{title}\" for {}", provider.url()));
        }
    }
    Ok(())
}

/// Brings the Secret to what was asked, then the deploy key to the Secret.
pub(super) async fn apply(run: &mut Run<'_>, prepared: Prepared) -> anyhow::Result<()> {
    let known_hosts = prepared.known_hosts.as_deref().unwrap_or_default();
    let (existing, secret, pair) = match &run.options.auth {
        SourceAuth::Fields(fields) => (look(run).await?, fields.clone(), None),
        SourceAuth::DeployToken { ca } => return deploy_token::apply(run, ca).await,
        SourceAuth::Loaded { pair, passphrase, .. } => {
            let secret = NewSecret::ssh(pair, known_hosts, passphrase.as_ref());
            (look(run).await?, secret, Some(pair.as_ref().clone()))
        }
        SourceAuth::Generated { .. } => {
            let existing = look(run).await?;
            if let Some(public) = existing.as_ref().and_then(public_key_of) {
                run.session.sink.success("source secret up to date");
                return register(run, &public).await;
            }
            let pair = prepared.key.context("no SSH key was generated")?;
            (existing, NewSecret::ssh(&pair, known_hosts, None), Some(pair))
        }
    };
    run.session.sink.action("generating source secret");
    if let Some(pair) = &pair {
        run.session.sink.redact(&pair.identity);
        run.session.sink.success(format!("public key: {}", pair.public.trim()));
        confirm_access(run, existing.as_ref(), pair).await?;
    }
    run.session.sink.action(format!("applying source secret \"{}\"", full_name(run.options)));
    let held = write(run, existing, &secret).await?;
    run.session.sink.success("reconciled source secret");
    match (pair, held.as_ref().and_then(public_key_of)) {
        // Another run was first: the key is that of its Secret.
        (Some(_), Some(public)) => register(run, &public).await,
        (Some(pair), None) => register(run, &pair.public).await,
        (None, _) => Ok(()),
    }
}

/// Without a forge the user gives the key access; a key that the cluster has already needs no question.
async fn confirm_access(run: &Run<'_>, existing: Option<&KubeSecret>, pair: &KeyPair) -> anyhow::Result<()> {
    let known = existing.and_then(public_key_of).is_some_and(|public| public == pair.public.trim());
    if run.provider.is_some() || run.options.silent || known {
        return Ok(());
    }
    run.session.sink.confirm("Please give the key access to your repository", "--silent", "aborting").await
}

/// Makes sure that the forge knows the key, under this cluster's title and with the right access.
async fn register(run: &Run<'_>, public: &str) -> anyhow::Result<()> {
    let Some(provider) = run.provider else { return Ok(()) };
    let title = run.options.deploy_key_title();
    let work = async { configure(provider, &title, public).await };
    if run.session.deadline.bound(&format!("the deploy key \"{title}\""), work).await? {
        run.session.sink.success(format!("configured deploy key \"{title}\" for \"{}\"", provider.url()));
    }
    Ok(())
}

/// Whether anything had to be changed at the forge.
async fn configure(provider: &Provider, title: &str, public: &str) -> anyhow::Result<bool> {
    let read_only = !provider.read_write_key;
    let present = provider.forge.deploy_keys().await?;
    let is_right =
        |key: &DeployKey| key.title == title && key.read_only == read_only && key.is_same_key(public);
    let right = present.iter().find(|key| is_right(key)).map(|key| key.id.clone());
    // Only our key may have our title; our key under another title would be refused as being in use.
    let wrong = present.iter().filter(|key| Some(&key.id) != right.as_ref());
    let mut changed = false;
    for key in wrong.filter(|key| key.title == title || key.is_same_key(public)) {
        provider.forge.delete_deploy_key(&key.id).await?;
        changed = true;
    }
    if right.is_none() {
        let key = DeployKey {
            id: String::new(),
            title: title.to_owned(),
            key: public.trim().to_owned(),
            read_only,
        };
        match provider.forge.add_deploy_key(&key).await {
            // It is in use by this very repository when the answer to an earlier attempt was lost.
            Err(error @ ForgeError::KeyInUse { .. }) => {
                let present = provider.forge.deploy_keys().await?;
                let is_ours = |there: &DeployKey| there.is_same_key(public) && there.read_only == read_only;
                anyhow::ensure!(present.iter().any(is_ours), error);
            }
            done => done?,
        }
        changed = true;
    }
    Ok(changed)
}

/// The secrets of the options, for the redaction of every line.
pub(super) fn secrets_of(auth: &SourceAuth) -> Vec<Secret> {
    match auth {
        SourceAuth::Fields(fields) => fields.secrets().cloned().collect(),
        SourceAuth::Loaded { pair, passphrase, .. } => {
            std::iter::once(pair.identity.clone()).chain(passphrase.clone()).collect()
        }
        SourceAuth::Generated { .. } | SourceAuth::DeployToken { .. } => Vec::new(),
    }
}
