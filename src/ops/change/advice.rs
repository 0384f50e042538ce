//! What to do about refusals, in the flags and variables of the commands that change a repository.

use super::fleet::Fleet;
use super::run::Task;
use crate::forge::App;
use crate::forge::ForgeKind;
use crate::forge::Remedies;
use crate::git::Remote;
use crate::ops::commit::Advice;
use crate::ops::git_app::AppLogin;

impl Task<'_> {
    pub(super) fn advice(&self) -> Advice {
        let Fleet { remote, named_by, forge, app, .. } = &self.fleet;
        let (refused, token_refused) = match app {
            Some(app) => (app_refused(app, remote), app_refused(app, remote)),
            None => {
                let by_forge = forge.map(|forge| self.login.when_token_is_refused(&remote.url, forge));
                (self.login.when_refused(remote, *named_by), by_forge.unwrap_or_default())
            }
        };
        Advice {
            unauthorized: refused.into(),
            forbidden: match app {
                Some(_) => App::FORBIDDEN,
                None => {
                    "the token or key needs write access to the repository; the cluster's own credentials are usually read-only"
                }
            },
            tls: "name the certificate authority of the server in GIT_SSL_CAINFO",
            host_key: "compare the key with the one the server's owner publishes, then correct known_hosts",
            unreachable: "check host, port and network, or pass another address of the repository with --fleet-url",
            branch: "use one of these with --fleet-branch",
            declined: "propose the change with --pull-request, or allow this account to push to the branch",
            outside: "choose a file below folders of the repository, not behind links",
            forge: Remedies {
                unauthorized: token_refused.into(),
                not_found: "check the address of the repository (--fleet-url) and its forge (--forge)",
                name_taken: "choose another one with --fleet-url",
                host: "the host in the address of the repository",
                authority: "in GIT_SSL_CAINFO",
                moved: "use the new address with --fleet-url, and in the source in the cluster",
            },
        }
    }
}

/// What to do if a server refuses the token of an app.
fn app_refused(app: &AppLogin, remote: &Remote) -> String {
    let variable = ForgeKind::of_apps().token;
    format!(
        "{} refused the token of the {} in Secret \"{}\", which is valid for an hour: run the command again, or export a token as {variable}",
        remote.url.host(),
        App::NAME,
        app.secret()
    )
}
