//! `create image update`.

use crate::api::image::image_update_automation::AutomationGit;
use crate::api::image::image_update_automation::AutomationSource;
use crate::api::image::image_update_automation::Checkout;
use crate::api::image::image_update_automation::CommitAuthor;
use crate::api::image::image_update_automation::CommitSpec;
use crate::api::image::image_update_automation::IMAGE_UPDATE_AUTOMATION;
use crate::api::image::image_update_automation::ImageUpdateAutomationSpec;
use crate::api::image::image_update_automation::Push;
use crate::api::image::image_update_automation::SigningKey;
use crate::api::image::image_update_automation::Update;
use crate::api::image::image_update_automation::UpdateStrategy;
use crate::api::meta::GitReference;
use crate::api::source::git_repository::GIT_REPOSITORY;
use crate::api::word;
use crate::cli::CommandContext;
use crate::cli::completion;
use crate::cli::help_text;
use crate::commands::create::common;
use crate::commands::create::common::SharedArgs;
use crate::commands::create::fields;
use crate::commands::create::fields::some;
use crate::ops::create::Manner;
use anyhow::Context as _;

const EXAMPLES: &str = "\
# Write new images into the manifests of a cluster
fluxr create image update apps --git-repo-ref=flux-system \\
  --git-repo-path=./clusters \\
  --checkout-branch=main --author-name=flux --author-email=flux@example.com
# Push to another branch, for a pull request
fluxr create image update apps --git-repo-ref=flux-system \\
  --checkout-branch=main --push-branch=image-updates \\
  --author-name=flux --author-email=flux@example.com";

/// Create or update an ImageUpdateAutomation object
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ImageUpdateArgs {
    /// Name of the object
    #[arg(value_name = "name", add = completion::names_of(&IMAGE_UPDATE_AUTOMATION))]
    name: Vec<String>,
    /// GitRepository that is written to
    #[arg(long, value_name = "name", add = completion::names_of(&GIT_REPOSITORY), help_heading = help_text::REPOSITORY)]
    git_repo_ref: String,
    /// Namespace of the GitRepository
    #[arg(long, help_heading = help_text::REPOSITORY, hide_short_help = true)]
    git_repo_namespace: String,
    /// Folder whose manifests are changed (default: all)
    #[arg(long, value_hint = clap::ValueHint::DirPath, help_heading = help_text::REPOSITORY)]
    git_repo_path: String,
    /// Branch to check out
    #[arg(long, help_heading = help_text::REPOSITORY)]
    checkout_branch: String,
    /// Branch to push to (default: the one that is checked out)
    #[arg(long, help_heading = help_text::REPOSITORY)]
    push_branch: String,
    /// Go template of the commit messages
    #[arg(long, value_name = "template")]
    commit_template: String,
    /// Name of the author of the commits
    #[arg(long)]
    author_name: String,
    /// Address of the author of the commits
    #[arg(long)]
    author_email: String,
    /// Secret with the key that signs the commits
    #[arg(long, hide_short_help = true)]
    signing_key_secret: String,
    /// Type of the signing key: gpg or ssh
    #[arg(long, add = completion::words(["gpg", "ssh"]), hide_short_help = true)]
    signing_key_type: String,
}

impl ImageUpdateArgs {
    pub(super) async fn run(self, shared: SharedArgs, context: &CommandContext) -> anyhow::Result<()> {
        let name = common::name_of(&self.name)?;
        for (given, missing) in [
            (&self.git_repo_ref, "a reference to a GitRepository is required (--git-repo-ref)"),
            (&self.checkout_branch, "the Git repository branch is required (--checkout-branch)"),
            (&self.author_name, "the author name is required (--author-name)"),
            (&self.author_email, "the author email is required (--author-email)"),
        ] {
            anyhow::ensure!(!given.is_empty(), missing);
        }
        let signing_key = self.signing_key()?;
        let labels = shared.labels()?;
        let spec = self.spec(&shared, signing_key);
        let object = common::object(&IMAGE_UPDATE_AUTOMATION, name, &context.namespace, labels, &spec)?;
        shared.announce(context, IMAGE_UPDATE_AUTOMATION.kind);
        let manner = Manner { leaves_unchanged: true, ..Manner::completed(IMAGE_UPDATE_AUTOMATION.kind) };
        common::export_or_apply(&shared, context, &IMAGE_UPDATE_AUTOMATION, &object, &manner).await.map(drop)
    }

    fn signing_key(&self) -> anyhow::Result<Option<SigningKey>> {
        let secret_ref = fields::reference(&self.signing_key_secret);
        let r#type = match some(&self.signing_key_type) {
            None => None,
            Some(given) => {
                anyhow::ensure!(secret_ref.is_some(), "--signing-key-type requires --signing-key-secret");
                let known = word::known(&given);
                Some(known.context("--signing-key-type must be one of: gpg, ssh")?)
            }
        };
        Ok(secret_ref.map(|secret_ref| SigningKey { secret_ref, r#type }))
    }

    fn spec(&self, shared: &SharedArgs, signing_key: Option<SigningKey>) -> ImageUpdateAutomationSpec {
        let branch = some(&self.checkout_branch);
        ImageUpdateAutomationSpec {
            source_ref: AutomationSource {
                name: self.git_repo_ref.clone(),
                namespace: some(&self.git_repo_namespace),
                ..AutomationSource::default()
            },
            interval: shared.interval.into(),
            git: Some(AutomationGit {
                checkout: Some(Checkout { r#ref: GitReference { branch, ..GitReference::default() } }),
                commit: CommitSpec {
                    author: CommitAuthor { name: some(&self.author_name), email: self.author_email.clone() },
                    message_template: some(&self.commit_template),
                    signing_key,
                    ..CommitSpec::default()
                },
                push: some(&self.push_branch).map(|branch| Push { branch: Some(branch), ..Push::default() }),
            }),
            update: some(&self.git_repo_path)
                .map(|path| Update { path: Some(path), strategy: Some(UpdateStrategy::Setters) }),
            ..ImageUpdateAutomationSpec::default()
        }
    }
}
