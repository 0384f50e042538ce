//! How bootstrap writes to the repository, and what it advises when that fails.

use super::run::Run;
use crate::forge::Remedies;
use crate::git::Workspace;
use crate::ops::commit::Advice;
use crate::ops::commit::Change;
use crate::ops::commit::Publisher;

pub(super) const ADVICE: Advice = Advice {
    unauthorized: "check the token or password, or give the public key access to the repository",
    forbidden: "the token or key needs write access to the repository: bootstrap pushes commits",
    tls: "pass the certificate authority of the server with --ca-file",
    host_key: "compare the key with the one the server's owner publishes, then correct known_hosts or --ssh-hostkey-algos",
    unreachable: "check host, port and network; the next run continues where this one stopped",
    branch: "use one of these with --branch, or create the branch first: bootstrap creates a branch in an empty repository only",
    declined: "propose the change with --pull-request, allow this account to push to the branch, or bootstrap another one with --branch",
    outside: "choose a --path that leads through folders of the repository only, not through links",
    forge: Remedies {
        not_found: "check --owner, --repository and --personal",
        name_taken: "choose another --repository",
        host: "--hostname",
        authority: "with --ca-file",
        moved: "use the new name in --owner and --repository",
    },
};

/// An error of a forge or of Git with what to do about it.
pub fn explained(error: anyhow::Error) -> anyhow::Error {
    ADVICE.explain(error)
}

/// Who writes to the repository of this run.
pub(super) fn publisher<'a>(run: &Run<'a>) -> Publisher<'a> {
    let (session, options) = (run.session, run.options);
    Publisher {
        sink: session.sink,
        deadline: session.deadline,
        now: session.now,
        remote: &options.remote,
        branch: &options.branch,
        author_name: &options.author_name,
        author_email: &options.author_email,
        appendix: &options.commit_message_appendix,
        signer: options.signer.as_ref(),
        advice: &ADVICE,
    }
}

/// Commits what `make` wants and pushes it; returns whether there was anything to push.
pub(super) async fn publish(
    run: &mut Run<'_>,
    workspace: &mut Workspace,
    what: &str,
    make: impl Fn(&Workspace) -> anyhow::Result<Change>,
) -> anyhow::Result<bool> {
    let pushed = publisher(run).publish(workspace, what, make).await?.is_some();
    if !pushed {
        run.session.sink.success(format!("{what} are up to date"));
    }
    run.pushed |= pushed;
    Ok(pushed)
}
