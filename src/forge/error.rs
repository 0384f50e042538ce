//! Errors of a forge, by what its user can do about them. No variant carries a credential.

use crate::net::Retryable;
use std::borrow::Cow;
use std::time::Duration;

/// A call that did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum ForgeError {
    /// 401: the token is wrong, expired or revoked, or that of another forge.
    #[error("{doing}: the token was not accepted: {reason}")]
    Unauthorized { doing: String, reason: String },
    /// A refusal that no caller handles: a missing permission of the token, a rule of the forge, an invalid request.
    #[error("{doing}: {reason}")]
    Denied { doing: String, reason: String, hint: Option<String> },
    /// 404: it does not exist, or is not visible with this token.
    #[error("{doing}: not found")]
    NotFound { doing: String },
    /// A repository of this name exists already.
    #[error("{doing}: a repository with this name exists already")]
    NameTaken { doing: String },
    /// The key has access to another repository or account already.
    #[error("{doing}: the key is already in use")]
    KeyInUse { doing: String },
    /// A request of this branch is open already.
    #[error("{doing}: there is an open request of this branch already")]
    RequestExists { doing: String },
    /// Too many requests.
    #[error("{doing}: rate limit of the forge exceeded")]
    RateLimited { doing: String, retry_after: Option<Duration> },
    /// 5xx.
    #[error("{doing}: the forge answered {status}: {reason}")]
    Server { doing: String, status: u16, reason: String, retry_after: Option<Duration> },
    /// An answer that is not what the API promises.
    #[error("{doing}: unexpected response: {reason}")]
    Garbage { doing: String, reason: String },
    /// No connection, or it broke.
    #[error("{doing}: {reason}")]
    Unreachable { doing: String, reason: String },
    /// The certificate of the forge is not trusted.
    #[error("{doing}: {reason}")]
    Tls { doing: String, reason: String },
    /// The repository has another address now.
    #[error("{doing}: the repository has moved to {location}")]
    Moved { doing: String, location: String },
}

/// What can be done about refusals, in the flags and variables of the command that meets them.
#[derive(Debug)]
pub struct Remedies {
    /// Where the token comes from, and how another one is given.
    pub unauthorized: Cow<'static, str>,
    /// What tells which repository it is.
    pub not_found: &'static str,
    /// How another name is chosen.
    pub name_taken: &'static str,
    /// What holds the address of the forge.
    pub host: &'static str,
    /// How its certificate authority is given.
    pub authority: &'static str,
    /// How the new name is given.
    pub moved: &'static str,
}

#[cfg(test)]
impl Remedies {
    /// No command's.
    pub const NONE: Self = Self {
        unauthorized: Cow::Borrowed(""),
        not_found: "",
        name_taken: "",
        host: "",
        authority: "",
        moved: "",
    };
}

impl Retryable for ForgeError {
    fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::RateLimited { .. } | Self::Server { .. } | Self::Unreachable { .. } | Self::Garbage { .. }
        )
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after, .. } | Self::Server { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

impl ForgeError {
    /// What to do next.
    pub fn hint(&self, remedies: &Remedies) -> Option<String> {
        let hint = match self {
            Self::Unauthorized { .. } => remedies.unauthorized.to_string(),
            Self::Denied { hint: Some(hint), .. } => hint.clone(),
            Self::Denied { .. } => {
                "change what the forge names, there or with another flag, then run the command again: it continues where it stopped".to_owned()
            }
            Self::NotFound { .. } => {
                format!("{}; to a token without rights a private repository does not exist, and its keys need admin rights", remedies.not_found)
            }
            Self::NameTaken { .. } => {
                format!("the repository exists, but this token may not see it: give it access, or {}", remedies.name_taken)
            }
            Self::KeyInUse { .. } => {
                "delete the source Secret in the cluster, so that a new key is created, and run the command again".to_owned()
            }
            Self::RequestExists { .. } => {
                "look at the open requests of the repository: close the one of this branch, or let it be merged; then run the command again"
                    .to_owned()
            }
            Self::Garbage { .. } => {
                format!("check that {} is the forge, and that no proxy answers in its place; then run the command again: it continues where it stopped", remedies.host)
            }
            Self::Server { .. } => {
                "look at the status page of the forge, then run the command again: it continues where it stopped".to_owned()
            }
            Self::RateLimited { retry_after: Some(wait), .. } if wait.as_secs() > 0 => format!(
                "run the command again in {}: it continues where it stopped; a higher --timeout waits as long",
                crate::text::GoDuration(*wait)
            ),
            Self::RateLimited { .. } => {
                "run the command again later: it continues where it stopped; a higher --timeout waits longer".to_owned()
            }
            Self::Unreachable { .. } => {
                format!("check {} and the network; a certificate authority of the forge's own is passed {}", remedies.host, remedies.authority)
            }
            Self::Tls { .. } => {
                format!("pass the certificate authority that signed the certificate of the forge {}", remedies.authority)
            }
            Self::Moved { .. } => remedies.moved.to_owned(),
        };
        Some(hint)
    }
}
