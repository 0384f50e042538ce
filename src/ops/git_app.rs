//! The GitHub App that a GitRepository logs in as, with `spec.provider: github`: its Secret, and the token that GitHub gives for it.

use super::git_source::Fields;
use crate::api::object;
use crate::forge::ForgeError;
use crate::forge::Remedies;
use crate::forge::github::APP_USER;
use crate::forge::github::App;
use crate::forge::github::Installation;
use crate::forge::github::Way;
use crate::git::Auth;
use crate::net::Proxy;
use crate::ops::Sink;
use crate::text::Secret;
use crate::text::WithHint;
use crate::text::find_cause;
use crate::text::with_hint;
use anyhow::Context;
use serde_json::Value;
use std::time::Duration;

/// The provider of a source that logs in as an app.
pub(super) const PROVIDER: &str = "github";

/// An app as the Secret of a source has it. Nothing is asked yet.
#[derive(Debug)]
pub(super) struct AppSecret {
    /// Namespace and name.
    name: String,
    /// What the Secret holds, or what is wrong with it.
    app: Result<App, String>,
    ca: Option<Vec<u8>>,
    proxy: Proxy,
}

/// An app that has logged in.
#[derive(Debug, Clone)]
pub(super) struct AppLogin {
    /// Namespace and name of its Secret.
    pub(super) secret: String,
    /// Valid for an hour.
    pub(super) token: Secret,
}

impl AppLogin {
    /// How Git logs in.
    pub(super) fn auth(&self) -> Auth {
        Auth::Basic { username: APP_USER.to_owned(), password: self.token.clone() }
    }
}

impl AppSecret {
    /// Reads the fields of the Secret that a source names.
    pub(super) fn of(source: &Value, namespace: &str, fields: &Fields, proxy: &Proxy) -> Self {
        let name = object::text(source, "/spec/secretRef/name");
        Self {
            name: format!("{namespace}/{name}"),
            app: match name {
                "" => Err("the GitRepository names no Secret (spec.secretRef)".to_owned()),
                _ => app(fields),
            },
            ca: fields.authority(),
            proxy: proxy.clone(),
        }
    }

    /// Asks GitHub for a token. Neither that nor what it is asked with is shown from now on.
    ///
    /// # Errors
    /// A Secret that lacks something; what GitHub answers.
    pub(super) async fn log_in(
        self,
        sink: &dyn Sink,
        now: &jiff::Zoned,
        limit: Duration,
    ) -> anyhow::Result<AppLogin> {
        let Self { name, app, ca, proxy } = self;
        let doing = || format!("logging in as the GitHub App of Secret \"{name}\"");
        let app = app.map_err(anyhow::Error::msg).with_context(doing).hint(AGAIN)?;
        let signed = app.sign(now.timestamp().as_second());
        let signed = signed.map_err(|error| anyhow::anyhow!("its \"{KEY}\" {error}"));
        let signed = signed.with_context(doing).hint(AGAIN)?;
        sink.redact(&signed);
        let token = app.token(signed, Way { ca, proxy, limit }).await.map_err(|error| {
            let hint = find_cause::<ForgeError>(&error).and_then(|error| error.hint(&REMEDIES));
            with_hint(error.context(doing()), hint.unwrap_or_default())
        })?;
        sink.redact(&token);
        Ok(AppLogin { secret: name, token })
    }
}

const AGAIN: &str = "create the Secret again: `fluxr create secret githubapp`";

const ID: &str = "githubAppID";
const INSTALLATION: &str = "githubAppInstallationID";
const OWNER: &str = "githubAppInstallationOwner";
const KEY: &str = "githubAppPrivateKey";
const API: &str = "githubAppBaseURL";

const REMEDIES: Remedies = Remedies {
    unauthorized: std::borrow::Cow::Borrowed("generate a private key in the settings of the app"),
    not_found: "check the address of the API in the Secret (githubAppBaseURL)",
    name_taken: "",
    host: "githubAppBaseURL in the Secret",
    authority: "as ca.crt in the Secret",
    moved: "use the new address in githubAppBaseURL",
};

fn app(fields: &Fields) -> Result<App, String> {
    let given = |key: &str| Some(fields.plain(key)).filter(|text| !text.is_empty());
    let number = |key: &str, text: &str| {
        let read = text.trim().parse().ok().filter(|number| *number != 0);
        read.ok_or_else(|| format!("its \"{key}\" is not a number: \"{text}\""))
    };
    let lacks = |key: &str| format!("it has no \"{key}\"");
    let id = given(ID).ok_or_else(|| lacks(ID))?;
    let installation = match (given(INSTALLATION), given(OWNER)) {
        (Some(id), None) => Installation::Id(number(INSTALLATION, &id)?),
        (None, Some(owner)) => Installation::Owner(owner),
        (None, None) => return Err(format!("it has neither \"{OWNER}\" nor \"{INSTALLATION}\"")),
        (Some(_), Some(_)) => return Err(format!("it has both \"{OWNER}\" and \"{INSTALLATION}\"")),
    };
    let api = given(API);
    if let Some(api) = api.as_ref().filter(|api| !api.starts_with("https://")) {
        return Err(format!("its \"{API}\" is not an address over HTTPS: \"{api}\""));
    }
    let key = fields.text(KEY).ok_or_else(|| lacks(KEY))?;
    Ok(App { id: number(ID, &id)?, installation, key, api })
}
