//! GitHub Apps: an app proves who it is with a token that it signs itself, and gets one for the account that it is installed for.
//! (<https://docs.github.com/apps>)

use super::refusal::DIALECT;
use super::repository::open_api;
use crate::forge::ForgeError;
use crate::forge::Opening;
use crate::forge::Owner;
use crate::forge::RepositoryAddress;
use crate::forge::api::Api;
use crate::forge::api::Dialect;
use crate::forge::api::Refusal;
use crate::forge::api::found;
use crate::forge::api::segment;
use crate::net::Proxy;
use crate::text::PemBlock;
use crate::text::Secret;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use rustls::SignatureScheme;
use rustls::crypto::ring::sign::RsaSigningKey;
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::SigningKey;
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

/// The API of an app that names none.
const PUBLIC_API: &str = "https://api.github.com";
/// How many seconds a token has been valid already, for clocks that differ.
const BEFORE: i64 = 60;
/// For how many seconds a token is valid from now. GitHub takes up to ten minutes.
const AFTER: i64 = 300;

const DIALECT_OF_APPS: Dialect = Dialect { meaning, ..DIALECT };

/// For what an app is installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Installation {
    Id(u64),
    /// The organization or user that has installed it.
    Owner(String),
}

/// A GitHub App.
#[derive(Debug)]
pub struct App {
    pub id: u64,
    pub installation: Installation,
    /// The private key, PEM.
    pub key: Secret,
    /// The address of the API; that of github.com without it.
    pub api: Option<String>,
}

/// A key that cannot sign.
#[derive(Debug, thiserror::Error)]
pub enum BadKey {
    #[error("is not a key in PEM form")]
    NoPem,
    #[error("is not an RSA key of at least 2048 bits without a passphrase")]
    NotRsa,
}

/// How the API of an app is reached, and for how long.
#[derive(Debug)]
pub struct AppConnection {
    pub ca: Option<Vec<u8>>,
    pub proxy: Proxy,
    pub limit: Duration,
}

#[derive(Deserialize)]
struct Installed {
    id: u64,
}

/// A token for what an app is installed for.
#[derive(Debug)]
pub struct AppToken {
    pub token: Secret,
    /// Its end, an hour after it was given, by the clock of GitHub.
    pub expires: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Created {
    token: Secret,
    expires_at: Option<String>,
}

impl App {
    /// The token by which the app proves who it is. `now` is in seconds since 1970.
    ///
    /// # Errors
    /// The key cannot sign.
    pub fn sign(&self, now: i64) -> Result<Secret, BadKey> {
        let encode = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = encode(json!({"alg": "RS256", "typ": "JWT"}));
        let claims = encode(json!({"iat": now - BEFORE, "exp": now + AFTER, "iss": self.id.to_string()}));
        let signed = format!("{header}.{claims}");
        let key = signing_key(self.key.reveal())?;
        let signer = key.choose_scheme(&[SignatureScheme::RSA_PKCS1_SHA256]).ok_or(BadKey::NotRsa)?;
        let signature = signer.sign(signed.as_bytes()).map_err(|_| BadKey::NotRsa)?;
        Ok(Secret::new(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))))
    }

    /// A token for what the app is installed for. `signed` is by [`App::sign`].
    ///
    /// # Errors
    /// What GitHub answers; an unusable address, CA or proxy.
    pub async fn token(&self, signed: Secret, connection: AppConnection) -> anyhow::Result<AppToken> {
        let api = self.open(signed, connection)?;
        let id = match &self.installation {
            Installation::Id(id) => *id,
            Installation::Owner(owner) => installed(&api, owner).await?,
        };
        let path = format!("/app/installations/{id}/access_tokens");
        let doing = format!("asking for a token of installation {id} of app {}", self.id);
        let created: Result<Created, ForgeError> = api.create(&doing, &path, json!({})).await;
        let created = created.map_err(|error| match error {
            ForgeError::NotFound { doing } => ForgeError::Denied {
                doing,
                reason: "the app has no such installation".to_owned(),
                hint: Some(
                    "the number is at the end of the address of the installation's settings".to_owned(),
                ),
            },
            other => other,
        })?;
        let expires = created.expires_at.and_then(|end| end.parse().ok());
        Ok(AppToken { token: created.token, expires })
    }

    fn open(&self, signed: Secret, connection: AppConnection) -> anyhow::Result<Api> {
        let base = self.api.as_deref().unwrap_or(PUBLIC_API).trim_end_matches('/');
        // No repository is asked for.
        let target = RepositoryAddress {
            domain: base.to_owned(),
            owner: Owner::User(String::new()),
            name: String::new(),
        };
        let AppConnection { ca, proxy, limit } = connection;
        open_api(&Opening { target, token: signed, ca, proxy, limit }, base, DIALECT_OF_APPS)
    }
}

/// The installation for an organization, else for a user.
async fn installed(api: &Api, owner: &str) -> Result<u64, ForgeError> {
    let doing = format!("looking for the installation of the app for \"{owner}\"");
    for kind in ["orgs", "users"] {
        let path = format!("/{kind}/{}/installation", segment(owner));
        if let Some(found) = found(api.read::<Installed>(&doing, &path).await)? {
            return Ok(found.id);
        }
    }
    Err(ForgeError::Denied {
        doing,
        reason: "the app is not installed there".to_owned(),
        hint: Some("install the app for this organization or user, or name another one".to_owned()),
    })
}

/// As Go reads it: the first block, whatever it is called.
fn signing_key(pem: &str) -> Result<RsaSigningKey, BadKey> {
    let bytes = PemBlock::all(pem).next().ok_or(BadKey::NoPem)?.bytes;
    let forms = [PrivateKeyDer::Pkcs1(bytes.clone().into()), PrivateKeyDer::Pkcs8(bytes.into())];
    forms.iter().find_map(|der| RsaSigningKey::new(der).ok()).ok_or(BadKey::NotRsa)
}

/// What GitHub's refusals of an app mean.
fn meaning(refusal: &Refusal<'_>) -> Option<ForgeError> {
    let lower = refusal.reason.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    Some(match refusal.status {
        401 if says(&["'exp'", "'iat'", "expiration time", "issued at"]) => {
            let there = refusal.header("date").map(|date| format!(" (there it is {date})"));
            refusal.denied(
                format!(
                    "GitHub does not accept the time of this request{}: {}",
                    there.unwrap_or_default(),
                    refusal.reason
                ),
                "set the clock of this machine",
            )
        }
        401 => refusal.denied(
            format!("the key is not one of the app: {}", refusal.reason),
            "generate a private key in the settings of the app, and put it into the Secret",
        ),
        403 if says(&["suspended"]) => refusal.denied(
            refusal.reason.clone(),
            "unsuspend the installation in the settings of the account that it is for",
        ),
        404 if says(&["integration not found"]) => {
            refusal.denied("there is no app of this ID", "the ID is in the settings of the app")
        }
        // What it says of tokens of people does not help here.
        _ => match (DIALECT.meaning)(refusal) {
            Some(limited @ ForgeError::RateLimited { .. }) => limited,
            _ => return None,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::super::refusal::tests::answer;
    use super::*;
    use crate::forge::api::check;
    use http::Method;

    #[test]
    fn what_cannot_sign_is_refused() {
        let sign = |key: &str| {
            let app = App { id: 1, installation: Installation::Id(1), key: Secret::new(key), api: None };
            app.sign(0).unwrap_err().to_string()
        };
        assert!(sign("").contains("PEM"));
        assert!(sign("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n").contains("PEM"));
        assert!(sign(&PemBlock::text("RSA PRIVATE KEY", b"no key")).contains("RSA"));
    }

    #[test]
    fn refusals_of_an_app_are_told_apart() {
        let of = |status, headers: &[(&'static str, &str)], message: &str| {
            let body = json!({"message": message}).to_string();
            let call = ("asking", &Method::GET, "/app");
            check(&DIALECT_OF_APPS, call, answer(status, headers, &body)).err().unwrap().to_string()
        };
        let late = "'Expiration time' claim ('exp') is too far in the future";
        let date = "Thu, 01 Jan 2026 00:00:00 GMT";
        let told = of(401, &[("date", date)], late);
        assert!(told.contains("does not accept the time") && told.contains(date), "{told}");
        assert!(of(401, &[], "A JSON web token could not be decoded").contains("not one of the app"));
        assert!(of(404, &[], "Integration not found").contains("no app of this ID"));
        assert!(of(404, &[], "Not Found").ends_with("not found"));
        assert!(of(403, &[], "This installation has been suspended").contains("suspended"));
        assert!(of(403, &[("retry-after", "1")], "slow down").contains("rate limit"));
    }
}
