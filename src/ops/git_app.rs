//! The app of a forge that a GitRepository logs in as: its Secret, and the token that the forge gives for it.

use crate::api::object;
use crate::forge::App;
use crate::forge::AppConnection;
use crate::forge::AppToken;
use crate::forge::ForgeError;
use crate::git::Auth;
use crate::net::Proxy;
use crate::ops::Sink;
use crate::text::Secret;
use crate::text::WithHint;
use crate::text::find_cause;
use crate::text::with_hint;
use anyhow::Context;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// Whether a source logs in as an app.
pub(super) fn is_used(source: &Value) -> bool {
    object::text(source, "/spec/provider") == App::PROVIDER
}

/// How long before its end a token is replaced: what is being done with it may take a while.
const EARLY: SignedDuration = SignedDuration::from_mins(5);

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
    by: Arc<AppSecret>,
    /// Valid for an hour.
    pub(super) token: Secret,
    expires: Option<Timestamp>,
}

impl AppLogin {
    /// Namespace and name of its Secret.
    pub(super) fn secret(&self) -> &str {
        &self.by.name
    }

    /// Logs in again if the token ends soon; `None` if it does not.
    ///
    /// # Errors
    /// As [`AppSecret::log_in`].
    pub(super) async fn renewed(
        &self,
        sink: &dyn Sink,
        now: &jiff::Zoned,
        limit: Duration,
    ) -> anyhow::Result<Option<Self>> {
        match self.expires {
            Some(end) if now.timestamp() >= end - EARLY => {
                log_in(self.by.clone(), sink, now, limit).await.map(Some)
            }
            _ => Ok(None),
        }
    }

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
        log_in(Arc::new(self), sink, now, limit).await
    }
}

async fn log_in(
    by: Arc<AppSecret>,
    sink: &dyn Sink,
    now: &jiff::Zoned,
    limit: Duration,
) -> anyhow::Result<AppLogin> {
    let doing = || format!("logging in as the {} of Secret \"{}\"", App::NAME, by.name);
    let app = by.app.as_ref().map_err(|wrong| anyhow::anyhow!("{wrong}"));
    let app = app.with_context(doing).hint(App::AGAIN)?;
    let signed = app.sign(now.timestamp().as_second());
    let signed = signed.map_err(|error| anyhow::anyhow!("its \"{}\" {error}", App::KEY));
    let signed = signed.with_context(doing).hint(App::AGAIN)?;
    sink.redact(&signed);
    let connection = AppConnection { ca: by.ca.clone(), proxy: by.proxy.clone(), limit };
    let AppToken { token, expires } = app.token(signed, connection).await.map_err(|error| {
        let hint = find_cause::<ForgeError>(&error).and_then(|error| error.hint(&App::REMEDIES));
        with_hint(error.context(doing()), hint.unwrap_or_default())
    })?;
    sink.redact(&token);
    Ok(AppLogin { by, token, expires })
}
