//! Credentials, and how they are written on the command line.

use crate::text::Secret;

/// What a registry is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credentials {
    Anonymous,
    Basic {
        username: String,
        password: Secret,
    },
    /// A bearer token for the registry itself.
    RegistryToken(Secret),
    /// An OAuth 2 refresh token, with which tokens are asked for.
    IdentityToken(Secret),
}

impl Credentials {
    /// Reads `<user>:<password>`, or a token alone.
    pub fn read(text: &Secret) -> Self {
        match text.reveal().split_once(':') {
            Some((username, password)) => Self::basic(username, password),
            None => Self::RegistryToken(text.clone()),
        }
    }

    /// User and password; where one is missing, nothing is sent.
    pub(super) fn basic(username: &str, password: &str) -> Self {
        if username.is_empty() || password.is_empty() {
            return Self::Anonymous;
        }
        Self::Basic { username: username.to_owned(), password: Secret::new(password) }
    }

    /// What must not be shown: the secret, and the pair that basic authentication sends, as a server may repeat the header.
    pub fn secrets(&self) -> impl Iterator<Item = Secret> {
        let (secret, pair) = match self {
            Self::Anonymous => (None, None),
            Self::Basic { username, password } => {
                let pair = Secret::new(format!("{username}:{}", password.reveal()));
                (Some(password.clone()), Some(pair))
            }
            Self::RegistryToken(token) | Self::IdentityToken(token) => (Some(token.clone()), None),
        };
        secret.into_iter().chain(pair)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_may_have_colons_and_a_token_has_none() {
        let read = |text: &str| Credentials::read(&Secret::new(text));
        assert_eq!(read("ada:a:b"), Credentials::basic("ada", "a:b"));
        assert_eq!(read("t0ken"), Credentials::RegistryToken(Secret::new("t0ken")));
        assert_eq!(read("ada:"), Credentials::Anonymous);
    }
}
