//! Step 1: the repository at the forge, and the access of teams.

use super::options::Provider;
use super::plan::Plan;
use super::proposal;
use super::run::Run;
use crate::forge::ForgeError;
use crate::forge::Owner;
use crate::forge::Repository;
use crate::forge::Team;
use crate::text::with_hint;

async fn observe(run: &Run<'_>, provider: &Provider) -> anyhow::Result<Option<Repository>> {
    let look = async { provider.forge.repository().await.map_err(anyhow::Error::from) };
    run.session.deadline.bound(&format!("an answer of {}", provider.forge.target().domain), look).await
}

/// Whether the repository exists; what would be done is added to the plan.
pub(super) async fn plan(run: &Run<'_>, provider: &Provider, plan: &mut Plan) -> anyhow::Result<bool> {
    let found = observe(run, provider).await?;
    match &found {
        None => {
            plan.add(
                "repository",
                format!("create the {} repository {}", provider.visibility, provider.url()),
            );
        }
        Some(present) if needs_visibility(provider, present) => {
            plan.add("repository", format!("make {} {}", provider.url(), provider.visibility));
        }
        Some(_) => {}
    }
    for team in teams(provider) {
        if found.is_none() || !provider.forge.has_access(team, provider.reconcile).await? {
            plan.add("repository", format!("give team {} the permission {}", team.name, team.access));
        }
    }
    Ok(found.is_some())
}

/// Makes sure that the repository exists and that the teams have access.
pub(super) async fn apply(run: &mut Run<'_>) -> anyhow::Result<()> {
    let Some(provider) = run.provider else { return Ok(()) };
    run.session.sink.action(format!("connecting to {}", provider.forge.place()));
    match observe(run, provider).await? {
        None if run.options.request.is_some() => return Err(proposal::nothing_to_merge_into(run)),
        None => create(run, provider).await?,
        Some(present) if needs_visibility(provider, &present) => {
            provider.forge.set_visibility(provider.visibility).await?;
            run.session.sink.success(format!(
                "made repository \"{}\" {}",
                provider.url(),
                provider.visibility
            ));
        }
        Some(_) => {}
    }
    grant(run, provider).await
}

async fn create(run: &Run<'_>, provider: &Provider) -> anyhow::Result<()> {
    let work = async {
        if let Owner::User(owner) = &provider.forge.target().owner {
            let login = provider.forge.identity().await?;
            if !login.eq_ignore_ascii_case(owner) {
                let error = anyhow::anyhow!(
                    "the token belongs to \"{login}\", which cannot create a personal repository for \"{owner}\""
                );
                return Err(with_hint(
                    error,
                    format!(
                        "use --owner={login}, or leave out --personal when \"{owner}\" is an organization"
                    ),
                ));
            }
        }
        match provider.forge.create_repository(provider.visibility, &run.options.branch).await {
            // A request whose answer was lost may have been obeyed, and another run may have come first.
            Err(error @ ForgeError::NameTaken { .. }) => match provider.forge.repository().await {
                Ok(None) => Err(error.into()),
                Ok(Some(_)) => Ok(()),
                Err(error) => Err(error.into()),
            },
            done => done.map_err(anyhow::Error::from),
        }
    };
    run.session.deadline.bound(&format!("the repository \"{}\" to be created", provider.url()), work).await?;
    run.session.sink.success(format!("repository \"{}\" created", provider.url()));
    Ok(())
}

/// Teams belong to organizations.
fn teams(provider: &Provider) -> &[Team] {
    match provider.forge.target().owner {
        Owner::User(_) => &[],
        Owner::Group(_) => &provider.teams,
    }
}

fn needs_visibility(provider: &Provider, present: &Repository) -> bool {
    provider.reconcile && present.visibility != provider.visibility
}

async fn grant(run: &Run<'_>, provider: &Provider) -> anyhow::Result<()> {
    if teams(provider).is_empty() {
        return Ok(());
    }
    run.session.sink.action("reconciling repository permissions");
    for team in teams(provider) {
        let work = async {
            if !provider.forge.has_access(team, provider.reconcile).await? {
                provider.forge.grant(team).await?;
            }
            anyhow::Ok(())
        };
        let word = team.access;
        match run.session.deadline.bound(&format!("access of team \"{}\"", team.name), work).await {
            Ok(()) => {
                run.session.sink.success(format!("granted \"{word}\" permissions to \"{}\"", team.name))
            }
            // One team without access does not justify leaving the cluster without Flux.
            Err(error) => {
                run.session.sink.failure(format!(
                    "failed to grant \"{word}\" permissions to \"{}\": {error:#}",
                    team.name
                ));
            }
        }
    }
    run.session.sink.success("reconciled repository permissions");
    Ok(())
}
