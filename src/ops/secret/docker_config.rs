//! The login to a registry, in the form of Docker's configuration file.

use super::NewSecret;
use crate::text::Secret;
use crate::text::json::compact;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

impl NewSecret {
    /// The login to one registry.
    pub fn registry(server: &str, username: &str, password: &Secret) -> Self {
        let secret = Self::of_type("kubernetes.io/dockerconfigjson");
        secret.with(".dockerconfigjson", docker_config(server, username, password))
    }
}

/// A configuration file with one login, byte for byte as Flux writes it.
fn docker_config(server: &str, username: &str, password: &Secret) -> Secret {
    let pair = format!("{username}:{}", password.reveal());
    let quote = |text: &str| compact(&json!(text));
    // The order of the fields is that of Flux, which a map of JSON does not keep.
    Secret::new(format!(
        "{{\n  \"auths\": {{\n    {}: {{\n      \"username\": {},\n      \"password\": {},\n      \"auth\": {}\n    }}\n  }}\n}}",
        quote(server),
        quote(username),
        quote(password.reveal()),
        quote(&STANDARD.encode(pair)),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_written_in_the_order_of_flux() {
        let config = docker_config("ghcr.io/acme", "ada", &Secret::new("a<b\"c"));
        let wanted = r#"{
  "auths": {
    "ghcr.io/acme": {
      "username": "ada",
      "password": "a\u003cb\"c",
      "auth": "YWRhOmE8YiJj"
    }
  }
}"#;
        assert_eq!(config.reveal(), wanted);
    }
}
