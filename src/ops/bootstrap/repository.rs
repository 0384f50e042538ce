//! Step 1: the repository at the forge, and the access of teams.

use super::options::Provider;
use super::plan::Plan;
use super::run::Run;
use crate::forge::ForgeError;
use crate::forge::NewRepository;
use crate::forge::Permission;
use crate::forge::Repository;
use crate::text::with_hint;

/// An error of the forge with its hint.
pub(super) fn explain(error: ForgeError) -> anyhow::Error {
    let hint = error.hint();
    let error = anyhow::Error::new(error);
    match hint {
        Some(hint) => with_hint(error, hint),
        None => error,
    }
}

async fn observe(run: &Run<'_>, provider: &Provider) -> anyhow::Result<Option<Repository>> {
    let look = async { provider.forge.repository().await.map_err(explain) };
    run.deadline.bound(&format!("an answer of {}", provider.domain), look).await
}

/// Whether the repository exists; what would be done is added to the plan.
pub(super) async fn plan(run: &Run<'_>, provider: &Provider, plan: &mut Plan) -> anyhow::Result<bool> {
    let found = observe(run, provider).await?;
    match &found {
        None => {
            let visibility = if provider.private { "private" } else { "public" };
            plan.add("repository", format!("create the {visibility} repository {}", provider.url()));
        }
        Some(present) if provider.reconcile && present.private != provider.private => {
            let visibility = if provider.private { "private" } else { "public" };
            plan.add("repository", format!("make {} {visibility}", provider.url()));
        }
        Some(_) => {}
    }
    for team in teams(provider) {
        let present = match &found {
            Some(_) => provider.forge.team_permission(team.name.clone()).await.map_err(explain)?,
            None => None,
        };
        if needs_grant(provider, present, team.permission) {
            plan.add(
                "repository",
                format!("give team {} the permission {}", team.name, team.permission.word()),
            );
        }
    }
    Ok(found.is_some())
}

/// Makes sure that the repository exists and that the teams have access.
pub(super) async fn apply(run: &mut Run<'_>) -> anyhow::Result<()> {
    let Some(provider) = run.provider else { return Ok(()) };
    run.ui.action(format!("connecting to {}", provider.domain));
    match observe(run, provider).await? {
        None => create(run, provider).await?,
        Some(present) if provider.reconcile && present.private != provider.private => {
            provider.forge.set_private(provider.private).await.map_err(explain)?;
            let visibility = if provider.private { "private" } else { "public" };
            run.ui.success(format!("made repository \"{}\" {visibility}", provider.url()));
        }
        Some(_) => {}
    }
    grant(run, provider).await
}

async fn create(run: &Run<'_>, provider: &Provider) -> anyhow::Result<()> {
    let work = async {
        if provider.personal {
            let login = provider.forge.identity().await.map_err(explain)?;
            if !login.eq_ignore_ascii_case(&provider.owner) {
                let error = anyhow::anyhow!(
                    "the token belongs to \"{login}\", which cannot create a personal repository for \"{}\"",
                    provider.owner
                );
                return Err(with_hint(
                    error,
                    format!(
                        "use --owner={login}, or leave out --personal when \"{}\" is an organisation",
                        provider.owner
                    ),
                ));
            }
        }
        let wanted = NewRepository { private: provider.private, personal: provider.personal };
        provider.forge.create_repository(wanted).await.map_err(explain)
    };
    run.deadline.bound(&format!("the repository \"{}\" to be created", provider.url()), work).await?;
    run.ui.success(format!("repository \"{}\" created", provider.url()));
    Ok(())
}

/// Teams belong to organisations.
fn teams(provider: &Provider) -> &[super::options::Team] {
    if provider.personal { &[] } else { &provider.teams }
}

fn needs_grant(provider: &Provider, present: Option<Permission>, wanted: Permission) -> bool {
    present.is_none() || (provider.reconcile && present != Some(wanted))
}

async fn grant(run: &Run<'_>, provider: &Provider) -> anyhow::Result<()> {
    if teams(provider).is_empty() {
        return Ok(());
    }
    run.ui.action("reconciling repository permissions");
    for team in teams(provider) {
        let work = async {
            let present = provider.forge.team_permission(team.name.clone()).await.map_err(explain)?;
            if needs_grant(provider, present, team.permission) {
                provider
                    .forge
                    .set_team_permission(team.name.clone(), team.permission)
                    .await
                    .map_err(explain)?;
            }
            anyhow::Ok(())
        };
        let word = team.permission.word();
        match run.deadline.bound(&format!("access of team \"{}\"", team.name), work).await {
            Ok(()) => run.ui.success(format!("granted \"{word}\" permissions to \"{}\"", team.name)),
            // One team without access does not justify leaving the cluster without Flux.
            Err(error) => {
                run.ui.failure(format!(
                    "failed to grant \"{word}\" permissions to \"{}\": {error:#}",
                    team.name
                ));
            }
        }
    }
    run.ui.success("reconciled repository permissions");
    Ok(())
}
