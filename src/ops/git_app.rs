//! The app of a forge that a GitRepository logs in as: its Secret, and the token that the forge gives for it.

use crate::api::object;
use crate::forge::App;
use crate::forge::AppConnection;
use crate::forge::ForgeError;
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

/// Whether a source logs in as an app.
pub(super) fn is_used(source: &Value) -> bool {
    object::text(source, "/spec/provider") == App::PROVIDER
}

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
        Auth::Basic { username: App::USER.to_owned(), password: self.token.clone() }
    }
}

impl AppSecret {
    /// Reads the fields of the Secret that a source names.
    pub(super) fn of(
        (source, namespace): (&Value, &str),
        field: &dyn Fn(&str) -> Option<Secret>,
        ca: Option<Vec<u8>>,
        proxy: &Proxy,
    ) -> Self {
        let name = object::text(source, "/spec/secretRef/name");
        Self {
            name: format!("{namespace}/{name}"),
            app: match name {
                "" => Err("the GitRepository names no Secret (spec.secretRef)".to_owned()),
                _ => App::read(field),
            },
            ca,
            proxy: proxy.clone(),
        }
    }

    /// Asks the forge for a token. Neither that nor what it is asked with is shown from now on.
    ///
    /// # Errors
    /// A Secret that lacks something; what the forge answers.
    pub(super) async fn log_in(
        self,
        sink: &dyn Sink,
        now: &jiff::Zoned,
        limit: Duration,
    ) -> anyhow::Result<AppLogin> {
        let Self { name, app, ca, proxy } = self;
        let doing = || format!("logging in as the {} of Secret \"{name}\"", App::NAME);
        let app = app.map_err(anyhow::Error::msg).with_context(doing).hint(App::AGAIN)?;
        let signed = app.sign(now.timestamp().as_second());
        let signed = signed.map_err(|error| anyhow::anyhow!("its \"{}\" {error}", App::KEY));
        let signed = signed.with_context(doing).hint(App::AGAIN)?;
        sink.redact(&signed);
        let token = app.token(signed, AppConnection { ca, proxy, limit }).await.map_err(|error| {
            let hint = find_cause::<ForgeError>(&error).and_then(|error| error.hint(&App::REMEDIES));
            with_hint(error.context(doing()), hint.unwrap_or_default())
        })?;
        sink.redact(&token);
        Ok(AppLogin { secret: name, token })
    }
}
