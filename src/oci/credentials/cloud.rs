//! Logins of clouds: a token for their registry, from their own command-line program. Their metadata servers are not asked.

use super::Credentials;
use super::helper;
use crate::oci::Repository;
use crate::text::Secret;
use crate::text::WithHint;
use anyhow::Context;
use regex::Regex;

/// A cloud that has registries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cloud {
    Aws,
    Azure,
    Gcp,
}

/// The hosts of the registries: account and region are in those of AWS.
const AWS_HOST: &str = r"^([0-9]{12})\.dkr[.-]ecr(?:-fips)?\.([a-zA-Z0-9][a-zA-Z0-9_-]{0,99})\.(amazonaws\.(?:com(?:\.cn)?|eu)|on\.(?:aws|amazonwebservices\.com\.cn)|sc2s\.sgov\.gov|c2s\.ic\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)$";
const AZURE_HOST: &str = r"^.+\.(azurecr\.io|azurecr\.cn|azurecr\.de|azurecr\.us)$";
const GCP_HOST: &str = r"^(((.+\.)?gcr\.io)|(.+-docker\.pkg\.dev)|(docker\.s3nsregistry\.fr))$";
/// The user of a refresh token at a registry of Azure.
const AZURE_USER: &str = "00000000-0000-0000-0000-000000000000";

impl Cloud {
    /// As `--provider` names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::Azure => "azure",
            Self::Gcp => "gcp",
        }
    }

    /// Logs in to the registry of a repository. The program of the cloud is not given the variables `withheld`, which hold tokens for
    /// something else.
    ///
    /// # Errors
    /// A registry that is not one of the cloud; a program that is not installed, or has no login.
    pub async fn credentials(
        self,
        repository: &Repository,
        withheld: &[&str],
    ) -> anyhow::Result<Credentials> {
        let host = repository.registry();
        let (title, pattern) = match self {
            Self::Aws => ("AWS", AWS_HOST),
            Self::Azure => ("Azure", AZURE_HOST),
            Self::Gcp => ("GCP", GCP_HOST),
        };
        let found = Regex::new(pattern)?;
        let found = found
            .captures(host)
            .with_context(|| format!("invalid {title} registry: '{host}'. must match {pattern}"))?;
        match self {
            Self::Aws => {
                let region = found.get(2).map(|region| region.as_str()).unwrap_or_default();
                let password =
                    ask("aws", &["ecr", "get-login-password", "--region", region], withheld).await?;
                Ok(Credentials::Basic { username: "AWS".to_owned(), password })
            }
            Self::Azure => {
                let name = host.split('.').next().unwrap_or_default();
                let query = ["--expose-token", "--output", "tsv", "--query", "accessToken"];
                let arguments: Vec<&str> =
                    ["acr", "login", "--name", name].into_iter().chain(query).collect();
                let password = ask("az", &arguments, withheld).await?;
                Ok(Credentials::Basic { username: AZURE_USER.to_owned(), password })
            }
            Self::Gcp => {
                let password = ask("gcloud", &["auth", "print-access-token"], withheld).await?;
                Ok(Credentials::Basic { username: "oauth2accesstoken".to_owned(), password })
            }
        }
    }
}

/// The token that a program prints.
async fn ask(program: &str, arguments: &[&str], withheld: &[&str]) -> anyhow::Result<Secret> {
    let asked = async {
        let (is_fine, answer) = helper::run(program, arguments, "", withheld).await?;
        let token = answer.trim();
        anyhow::ensure!(is_fine && !token.is_empty(), "`{program} {}` has no token", arguments.join(" "));
        Ok(Secret::new(token))
    };
    asked.await.hint(format!(
        "the login is that of the program {program}: install it and log in with it, or pass --creds <user>:<password>"
    ))
}
