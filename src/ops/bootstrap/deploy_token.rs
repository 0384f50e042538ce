//! The deploy token with which the cluster reads the repository, at forges that have such tokens.
//!
//! Upstream makes another one on every run. Here the token stays for as long as it opens the repository, so that a run that has
//! nothing to do changes nothing. The password of a token is shown once: one that got lost on the way is replaced, and removed.

use super::held;
use super::options::Provider;
use super::plan::Plan;
use super::run::Run;
use crate::forge::DeployTokens;
use crate::git::Auth;
use crate::git::Remote;
use crate::ops::secret::NewSecret;
use crate::text::Secret;
use anyhow::Context;
use k8s_openapi::api::core::v1::Secret as KubeSecret;

/// Two runs at once may delete each other's token. The one whose token is gone creates another.
const ATTEMPTS: usize = 5;

fn tokens<'a>(run: &Run<'a>) -> anyhow::Result<(&'a Provider, &'a dyn DeployTokens)> {
    let provider = run.provider.context("a deploy token needs a forge")?;
    Ok((provider, provider.forge.deploy_tokens().context("this forge has no deploy tokens")?))
}

/// What would be created.
pub(super) async fn plan(
    run: &Run<'_>,
    existing: Option<&KubeSecret>,
    ca: &str,
    plan: &mut Plan,
) -> anyhow::Result<()> {
    let (provider, tokens) = tokens(run)?;
    if is_in_use(run, tokens, existing, ca).await.unwrap_or(false) {
        return Ok(());
    }
    let title = run.options.deploy_key_title();
    plan.add("source secret", format!("create the deploy token \"{title}\" of {}", provider.url()));
    let verb = if existing.is_some() { "replace" } else { "create" };
    let fields = NewSecret::default().with_basic("", &Secret::default()).with_ca(ca);
    plan.add(
        "source secret",
        format!("{verb} Secret/{} with {}", held::full_name(run.options), fields.keys().join(", ")),
    );
    Ok(())
}

/// Makes sure that the Secret holds a token that opens the repository, and that there is no other of its name.
pub(super) async fn apply(run: &Run<'_>, ca: &str) -> anyhow::Result<()> {
    let (provider, tokens) = tokens(run)?;
    let (sink, deadline) = (run.session.sink, run.session.deadline);
    let title = run.options.deploy_key_title();
    sink.action("checking to reconcile deploy token for source secret");
    let mut existing = held::observe(run).await?;
    let what = format!("the deploy token \"{title}\"");
    if deadline.bound(&what, is_in_use(run, tokens, existing.as_ref(), ca)).await? {
        sink.success("reconciled deploy token for source secret");
        sink.action(format!("determining if source secret \"{}\" exists", held::full_name(run.options)));
        sink.success("source secret up to date");
        return Ok(());
    }
    for _ in 0..ATTEMPTS {
        let create = async { tokens.create(&title).await.map_err(anyhow::Error::from) };
        let (username, password) = deadline.bound(&what, create).await?;
        sink.redact(&password);
        sink.redact(&Secret::new(format!("{username}:{}", password.reveal())));
        sink.success(format!("configured deploy token \"{title}\" for \"{}\"", provider.url()));
        let fields = NewSecret::default().with_basic(&username, &password).with_ca(ca);
        held::replace(run, existing, &fields).await?;
        existing = held::observe(run).await?;
        let kept = existing.as_ref().and_then(|held| field(held, "username")).unwrap_or_default();
        if deadline.bound(&what, remove_others(tokens, &title, &kept)).await? {
            return Ok(());
        }
    }
    anyhow::bail!("other runs keep removing the deploy token \"{title}\"")
}

/// Removes the tokens of this name but one; whether that one is there.
async fn remove_others(tokens: &dyn DeployTokens, title: &str, kept: &str) -> anyhow::Result<bool> {
    let present = tokens.list().await?;
    for other in present.iter().filter(|token| token.name == title && token.username != kept) {
        tokens.delete(&other.id).await?;
    }
    Ok(present.iter().any(|token| token.username == kept))
}

/// Whether the Secret holds a valid token of ours, and nothing else.
async fn is_in_use(
    run: &Run<'_>,
    tokens: &dyn DeployTokens,
    existing: Option<&KubeSecret>,
    ca: &str,
) -> anyhow::Result<bool> {
    let Some(existing) = existing else { return Ok(false) };
    let (Some(username), Some(password)) = (field(existing, "username"), field(existing, "password")) else {
        return Ok(false);
    };
    let password = Secret::new(password);
    run.session.sink.redact(&password);
    if !NewSecret::default().with_basic(&username, &password).with_ca(ca).is_in(existing) {
        return Ok(false);
    }
    let title = run.options.deploy_key_title();
    let present = tokens.list().await?;
    if !present.iter().any(|token| token.name == title && token.username == username) {
        return Ok(false);
    }
    let remote = Remote { auth: Auth::Basic { username, password }, ..run.options.remote.clone() };
    Ok(remote.list().await.is_ok())
}

fn field(secret: &KubeSecret, key: &str) -> Option<String> {
    let value = secret.data.as_ref()?.get(key)?;
    String::from_utf8(value.0.clone()).ok().filter(|text| !text.is_empty())
}
