//! `bootstrap gitlab`.

use super::hosted::Choices;
use super::hosted::HostedArgs;
use super::shared::BootstrapSharedArgs;
use crate::cli::CommandContext;
use crate::cli::help_text;
use crate::forge::Word;
use crate::forge::gitlab::GitLab;
use crate::forge::gitlab::VISIBILITIES;
use crate::text::with_hint;

const EXAMPLES: &str = "\
# Connect the cluster with a project of a sub-group, which is created if need
# be; GITLAB_TOKEN holds a token with the scope api
fluxr bootstrap gitlab --owner=acme/platform --repository=fleet \\
  --path=clusters/production
# Let the cluster read it with a deploy token instead of a key
fluxr bootstrap gitlab --owner=acme/platform --repository=fleet \\
  --path=clusters/production --deploy-token-auth";

/// Deploy Flux on a cluster connected to a GitLab repository
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct GitLabArgs {
    #[command(flatten)]
    hosted: HostedArgs<GitLab>,
    /// Who may see the repository
    #[arg(long, default_value = "private", value_name = "public|internal|private", value_parser = visibility,
        help_heading = help_text::REPOSITORY)]
    visibility: Visibility,
    /// Deprecated: use --visibility
    #[arg(long, hide = true, default_value_t = true)]
    private: bool,
    /// Log in with a deploy token of the project instead of an SSH deploy key
    #[arg(long, help_heading = help_text::AUTHENTICATION)]
    deploy_token_auth: bool,
}

#[derive(Debug, Clone, Copy)]
struct Visibility(Word);

fn visibility(text: &str) -> Result<Visibility, String> {
    match VISIBILITIES.iter().find(|known| **known == text) {
        Some(known) => Ok(Visibility(known)),
        None if text.is_empty() => Ok(Visibility("private")),
        None => Err(format!("unsupported visibility '{text}'")),
    }
}

impl GitLabArgs {
    pub(super) async fn run(
        self,
        shared: BootstrapSharedArgs,
        context: &CommandContext,
    ) -> anyhow::Result<()> {
        self.check_name()?;
        anyhow::ensure!(
            !(shared.token_auth && self.deploy_token_auth),
            "--token-auth and --deploy-token-auth cannot be set both."
        );
        let mut visibility = self.visibility.0;
        if !self.private {
            // Upstream writes both lines to stdout.
            context.ui.note("Flag --private has been deprecated, use --visibility instead");
            context.ui.note("Using visibility public as --private=false");
            visibility = "public";
        }
        let choices = Choices { visibility, deploy_token: self.deploy_token_auth, username: None };
        self.hosted.run(choices, &shared, context).await
    }

    fn check_name(&self) -> anyhow::Result<()> {
        let name = self.hosted.repository();
        if is_project_name(name) {
            return Ok(());
        }
        let error = anyhow::anyhow!(
            "{name} is an invalid project name for gitlab.\n\
             It can contain only letters, digits, emojis, '_', '.', dash, space. \
             It must start with letter, digit, emoji or '_'."
        );
        Err(match name.trim_matches('/').rsplit_once('/') {
            Some((groups, name)) => {
                let owner = format!("{}/{groups}", self.hosted.owner());
                with_hint(
                    error,
                    format!("sub-groups belong to the owner: --owner={owner} --repository={name}"),
                )
            }
            None if name.is_empty() => with_hint(error, "name the project with --repository"),
            None => error,
        })
    }
}

/// The names that upstream takes. (It speaks of spaces, and refuses them.)
fn is_project_name(name: &str) -> bool {
    let begins = |letter: char| {
        letter == '_' || letter.is_ascii_alphanumeric() || ('\u{a9}'..='\u{1f9ff}').contains(&letter)
    };
    let follows = |letter: char| begins(letter) || letter == '.' || letter == '-';
    name.chars().next().is_some_and(begins) && name.chars().all(follows)
}

#[cfg(test)]
mod tests {
    use super::is_project_name;

    #[test]
    fn names_are_judged_as_upstream_judges_them() {
        for name in ["fleet", "_1", "Flotte-é.x", "🚀fleet", "a–b"] {
            assert!(is_project_name(name), "{name}");
        }
        for name in ["", "a/b", "-a", ".a", "a b", "a\n", "a+b"] {
            assert!(!is_project_name(name), "{name}");
        }
    }
}
