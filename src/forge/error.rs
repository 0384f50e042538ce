//! What can go wrong with a forge, sorted by what its reader does about it. No variant carries a credential.

use std::time::Duration;

/// A call that did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum ForgeError {
    /// 401: the token is wrong, expired or revoked.
    #[error("{doing}: the token was not accepted: {reason}")]
    Unauthorized { doing: String, reason: String },
    /// 403 for want of a scope.
    #[error("{doing}: the token lacks the scope {missing} (it has {present})")]
    MissingScope { doing: String, missing: String, present: String },
    /// 403 because the organisation wants the token to be authorised for single sign-on.
    #[error("{doing}: the organisation requires the token to be authorised for single sign-on")]
    SingleSignOn { doing: String, url: Option<String> },
    /// Any other 403.
    #[error("{doing}: not allowed: {reason}")]
    Forbidden { doing: String, reason: String },
    /// 404: not there, or not visible with this token.
    #[error("{doing}: not found")]
    NotFound { doing: String },
    /// 422: a repository of this name exists already.
    #[error("{doing}: a repository with this name exists already")]
    NameTaken { doing: String },
    /// 422: the organisation does not allow deploy keys.
    #[error("{doing}: deploy keys are disabled for this repository")]
    DeployKeysDisabled { doing: String },
    /// 422: the key has access to another repository or account already.
    #[error("{doing}: the key is already in use")]
    KeyInUse { doing: String },
    /// Any other refusal of what was sent.
    #[error("{doing}: {reason}")]
    Invalid { doing: String, reason: String },
    /// 403 or 429: too many requests.
    #[error("{doing}: the rate limit of the forge is used up")]
    RateLimited { doing: String, retry_after: Option<Duration> },
    /// 5xx.
    #[error("{doing}: the forge answered {status}: {reason}")]
    Server { doing: String, status: u16, reason: String, retry_after: Option<Duration> },
    /// An answer that is not what the API promises.
    #[error("{doing}: the answer cannot be understood: {reason}")]
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

impl ForgeError {
    /// Whether asking again may succeed.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::RateLimited { .. } | Self::Server { .. } | Self::Unreachable { .. } | Self::Garbage { .. }
        )
    }

    /// How long the forge asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after, .. } | Self::Server { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// What its reader can do next.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Unauthorized { .. } => {
                "make a new token, put it into the token variable of the environment, and run the command again".to_owned()
            }
            Self::MissingScope { missing, .. } => {
                format!("edit the token and add the scope {missing}, then run the command again")
            }
            Self::SingleSignOn { url: Some(url), .. } => format!("authorise the token at {url}"),
            Self::SingleSignOn { url: None, .. } => {
                "authorise the token for the organisation in the settings of your tokens".to_owned()
            }
            Self::Forbidden { .. } => {
                "the token needs the scope repo, or as a fine-grained token: administration and contents, read and write".to_owned()
            }
            Self::NotFound { .. } => {
                "check --owner, --repository and --personal; to a token without rights a private repository does not exist, and its keys need admin rights".to_owned()
            }
            Self::NameTaken { .. } => {
                "the repository exists, but this token may not see it: give it access, or choose another --repository".to_owned()
            }
            Self::DeployKeysDisabled { .. } => {
                "allow deploy keys in the settings of the organisation, or use --token-auth".to_owned()
            }
            Self::KeyInUse { .. } => {
                "delete the source Secret in the cluster, so that a new key is made, and run the command again".to_owned()
            }
            Self::Server { .. } | Self::Garbage { .. } => {
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
                "check --hostname, the network, and --ca-file when the forge has a certificate authority of its own".to_owned()
            }
            Self::Tls { .. } => {
                "pass the certificate authority that signed the certificate of the forge with --ca-file".to_owned()
            }
            Self::Moved { .. } => "use the new name in --owner and --repository".to_owned(),
            Self::Invalid { .. } => return None,
        };
        Some(hint)
    }
}
