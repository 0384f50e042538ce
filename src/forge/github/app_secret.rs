//! What the Secret of a GitHub App holds, and what is told about it.

use super::app::App;
use super::app::Installation;
use crate::forge::Remedies;
use crate::text::Secret;
use std::borrow::Cow;

impl App {
    /// What messages call it.
    pub const NAME: &'static str = "GitHub App";
    /// The provider of sources that log in as an app.
    pub const PROVIDER: &'static str = "github";
    /// The user name that goes with a token, for Git.
    pub const USER: &'static str = "x-access-token";
    /// The field of the Secret with the number of the app.
    pub const ID: &'static str = "githubAppID";
    /// The field with the number of the installation.
    pub const INSTALLATION: &'static str = "githubAppInstallationID";
    /// The field with the organization or user that has installed the app, which may replace the number of the installation.
    pub const OWNER: &'static str = "githubAppInstallationOwner";
    /// The field with the address of the API.
    pub const API: &'static str = "githubAppBaseURL";
    /// The field with the private key.
    pub const KEY: &'static str = "githubAppPrivateKey";
    /// What to do if the Secret lacks something.
    pub const AGAIN: &'static str = "create the Secret again: `fluxr create secret githubapp`";
    /// What to do if Git refuses a push.
    pub const FORBIDDEN: &'static str = "the app of the cluster needs the permission to write contents, and its installation this repository; or export a token as GITHUB_TOKEN";
    /// What to do if the API refuses an app.
    pub const REMEDIES: Remedies = Remedies {
        unauthorized: Cow::Borrowed("generate a private key in the settings of the app"),
        not_found: "check the address of the API in the Secret (githubAppBaseURL)",
        name_taken: "",
        host: "githubAppBaseURL in the Secret",
        authority: "as ca.crt in the Secret",
        moved: "use the new address in githubAppBaseURL",
    };

    /// Reads the fields of a Secret.
    ///
    /// # Errors
    /// Which field is missing or wrong.
    pub fn read(field: &dyn Fn(&str) -> Option<Secret>) -> Result<Self, String> {
        let given = |key: &str| Some(field(key)?.reveal().to_owned()).filter(|text| !text.is_empty());
        let number = |key: &str, text: &str| {
            let read = text.trim().parse().ok().filter(|number| *number != 0);
            read.ok_or_else(|| format!("its \"{key}\" is not a number: \"{text}\""))
        };
        let both = |word: &str| format!("\"{}\" {word} \"{}\"", Self::OWNER, Self::INSTALLATION);
        let lacks = |key: &str| format!("it has no \"{key}\"");
        let id = given(Self::ID).ok_or_else(|| lacks(Self::ID))?;
        let installation = match (given(Self::INSTALLATION), given(Self::OWNER)) {
            (Some(id), None) => Installation::Id(number(Self::INSTALLATION, &id)?),
            (None, Some(owner)) => Installation::Owner(owner),
            (None, None) => return Err(format!("it has neither {}", both("nor"))),
            (Some(_), Some(_)) => return Err(format!("it has both {}", both("and"))),
        };
        let api = given(Self::API);
        if let Some(api) = api.as_ref().filter(|api| !api.starts_with("https://")) {
            return Err(format!("its \"{}\" is not an address over HTTPS: \"{api}\"", Self::API));
        }
        let key = field(Self::KEY).ok_or_else(|| lacks(Self::KEY))?;
        Ok(Self { id: number(Self::ID, &id)?, installation, key, api })
    }
}
