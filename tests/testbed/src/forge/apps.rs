//! GitHub Apps at the forge: what GitHub answers to a token that an app has signed. Signatures are checked with the public key of the app.

use super::answers;
use super::refusal::seconds_now;
use super::serve::Call;
use super::state::State;
use super::state::User;
use anyhow::Context;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls::SignatureScheme;
use serde_json::Value;
use serde_json::json;

/// GitHub refuses tokens that are valid for longer.
const LONGEST: i64 = 600;

/// An app that is registered at the forge.
#[derive(Clone)]
pub struct App {
    pub id: u64,
    pub slug: String,
    /// The public key, as PKCS#1 in DER.
    pub public_key: Vec<u8>,
    pub installation: u64,
    /// The user or organization that it is installed for.
    pub account: String,
    /// The token of the installation, once it was asked for.
    pub token: String,
    /// Whether it may push and open requests.
    pub may_write: bool,
    pub is_suspended: bool,
    /// How long its tokens are valid, in seconds.
    pub lifetime: i64,
}

/// Why a request is refused: the status, and GitHub's words.
type Refused = (u16, &'static str);

const UNREADABLE: Refused = (401, "A JSON web token could not be decoded");
const NOT_FOUND: Refused = (404, "Not Found");

/// Answers what only apps ask; `None` for any other call.
pub fn answer(call: &Call<'_>, state: &mut State) -> Option<Response> {
    let (method, segments) = call.parts();
    let outcome = match (method, &segments[..]) {
        ("GET", ["orgs" | "users", account, "installation"]) => {
            let is_organization = segments[0] == "orgs";
            let account = (*account).to_owned();
            asking(state, &call.token).and_then(|app| {
                let is_it = state.organizations.contains_key(&account) == is_organization;
                let found = Some(app).filter(|app| is_it && app.account.eq_ignore_ascii_case(&account));
                Ok((200, installation(call, state, &found.ok_or(NOT_FOUND)?)))
            })
        }
        ("POST", ["app", "installations", id, "access_tokens"]) => {
            asking(state, &call.token).and_then(|app| match app {
                app if app.installation.to_string() != *id => Err(NOT_FOUND),
                app if app.is_suspended => Err((403, "This installation has been suspended")),
                app => Ok((201, give_token(state, &app))),
            })
        }
        _ => return None,
    };
    Some(match outcome {
        Ok((status, body)) => respond(state, status, &body),
        Err((status, words)) => {
            let page = "https://docs.github.com/rest";
            let body = json!({"message": words, "documentation_url": page, "status": status.to_string()});
            respond(state, status, &body)
        }
    })
}

/// An answer with the clock of the forge.
fn respond(state: &State, status: u16, body: &Value) -> Response {
    let now = jiff::Timestamp::from_second(now(state)).unwrap_or_default();
    let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&now);
    let headers =
        [("content-type", "application/json; charset=utf-8".to_owned()), ("date", date.unwrap_or_default())];
    answers::respond(status, &headers, body.to_string())
}

fn now(state: &State) -> i64 {
    i64::try_from(seconds_now()).unwrap_or_default() + state.clock_ahead
}

/// The app whose token this is.
fn asking(state: &State, token: &str) -> Result<App, Refused> {
    let (signed, signature) = token.rsplit_once('.').ok_or(UNREADABLE)?;
    let (header, claims) = signed.split_once('.').ok_or(UNREADABLE)?;
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| UNREADABLE);
    let parse = |part: &str| serde_json::from_slice::<Value>(&decode(part)?).map_err(|_| UNREADABLE);
    let (header, claims) = (parse(header)?, parse(claims)?);
    if header["alg"] != "RS256" {
        return Err(UNREADABLE);
    }
    let issuer = claims["iss"].as_str().map_or_else(|| claims["iss"].to_string(), str::to_owned);
    let known = state.apps.iter().find(|app| app.id.to_string() == issuer);
    let app = known.ok_or((404, "Integration not found"))?;
    if !is_signed(&app.public_key, signed.as_bytes(), &decode(signature)?) {
        return Err(UNREADABLE);
    }
    let now = now(state);
    match (claims["iat"].as_i64(), claims["exp"].as_i64()) {
        (_, Some(end)) if end > now + LONGEST => {
            Err((401, "'Expiration time' claim ('exp') is too far in the future"))
        }
        (Some(begin), Some(end)) if begin <= now && end > now => Ok(app.clone()),
        (Some(begin), Some(_)) if begin > now => Err((
            401,
            "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
        )),
        _ => Err((
            401,
            "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
        )),
    }
}

fn is_signed(public_key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let known = rustls::crypto::ring::default_provider().signature_verification_algorithms.mapping;
    let is_meant = |scheme: &SignatureScheme| *scheme == SignatureScheme::RSA_PKCS1_SHA256;
    let mut meant = known.iter().filter(|(scheme, _)| is_meant(scheme)).flat_map(|(_, all)| all.iter());
    meant.any(|algorithm| algorithm.verify_signature(public_key, message, signature).is_ok())
}

fn give_token(state: &mut State, app: &App) -> Value {
    let token = format!("ghs_s3cret{}of{}", state.log.len(), app.id);
    if let Some(known) = state.apps.iter_mut().find(|known| known.id == app.id) {
        known.token.clone_from(&token);
    }
    let expires = jiff::Timestamp::from_second(now(state) + app.lifetime).unwrap_or_default();
    json!({
        "token": token, "expires_at": expires.to_string(), "repository_selection": "all",
        "permissions": {"contents": if app.may_write { "write" } else { "read" }, "metadata": "read"},
    })
}

/// The account that an app acts as with the token of its installation.
pub fn bot(state: &State, token: &str) -> Option<User> {
    let app = state.apps.iter().find(|app| !app.token.is_empty() && app.token == token)?;
    Some(User {
        id: app.id,
        login: format!("{}[bot]", app.slug),
        token: app.token.clone(),
        scopes: if app.may_write { "repo" } else { User::FINE_GRAINED }.to_owned(),
        is_hidden: true,
        is_outsider: true,
        installed_for: Some(app.account.clone()),
    })
}

fn installation(call: &Call<'_>, state: &State, app: &App) -> Value {
    let is_organization = state.organizations.contains_key(&app.account);
    let kind = if is_organization { "Organization" } else { "User" };
    let api = format!("https://127.0.0.1:{}/api/v3", call.shared.port);
    json!({
        "id": app.installation, "account": answers::owner(call.shared, &app.account, 1, kind),
        "repository_selection": "all", "app_id": app.id, "app_slug": app.slug, "target_id": 1, "target_type": kind,
        "access_tokens_url": format!("{api}/app/installations/{}/access_tokens", app.installation),
        "repositories_url": format!("{api}/installation/repositories"),
        "html_url": format!("https://127.0.0.1:{}/settings/installations/{}", call.shared.port, app.installation),
        "permissions": {"contents": "write", "metadata": "read", "pull_requests": "write"}, "events": [],
        "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z", "single_file_name": null,
        "suspended_by": null, "suspended_at": null,
    })
}

impl super::Forge {
    /// Registers an app and installs it for a user or an organization. The key is its public one, as `openssl rsa -RSAPublicKey_out` has it.
    ///
    /// # Errors
    /// A key that is not PEM.
    pub fn add_app(&self, id: u64, installation: u64, account: &str, public_key: &str) -> anyhow::Result<()> {
        let lines: String = public_key.lines().filter(|line| !line.starts_with("---")).collect();
        let key = base64::engine::general_purpose::STANDARD.decode(lines).context("reading the key")?;
        self.shared.lock().apps.push(App {
            id,
            slug: format!("app-{id}"),
            public_key: key,
            installation,
            account: account.to_owned(),
            token: String::new(),
            may_write: true,
            is_suspended: false,
            lifetime: 3600,
        });
        Ok(())
    }

    /// Changes an app, as its owner in the settings would.
    pub fn change_app(&self, id: u64, change: impl FnOnce(&mut App)) {
        if let Some(app) = self.shared.lock().apps.iter_mut().find(|app| app.id == id) {
            change(app);
        }
    }

    /// The last token that an app was given; empty if there was none.
    pub fn app_token(&self, id: u64) -> String {
        let state = self.shared.lock();
        let app = state.apps.iter().find(|app| app.id == id);
        app.map(|app| app.token.clone()).unwrap_or_default()
    }

    /// Sets the clock by which tokens of apps are judged ahead by these seconds.
    pub fn set_clock_ahead(&self, seconds: i64) {
        self.shared.lock().clock_ahead = seconds;
    }
}
