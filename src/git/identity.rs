//! Who commits: what Git would write for the author and the committer, and sign with.

use super::GitError;
use super::date;
use super::settings::Settings;
use super::sign::Signer;
use crate::text::Secret;

/// A person, as far as Git is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    pub name: Option<String>,
    pub email: Option<String>,
    /// The time that is given for the commit.
    pub at: Option<jiff::Zoned>,
}

/// Who commits.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    pub author: Person,
    pub committer: Person,
    /// The SSH key to sign commits with, if that is configured.
    pub signer: Option<Signer>,
}

/// Who commits, by the environment and Git's configuration. A date without a zone is in that of `now`.
///
/// # Errors
/// A configuration or a date that Git refuses, too; commits have to be signed, but the key cannot be used: a cluster may refuse commits
/// without a signature.
pub fn identity(
    settings: &Settings,
    variable: impl Fn(&str) -> Option<String>,
    now: &jiff::Zoned,
) -> Result<Identity, GitError> {
    let config = settings.open()?;
    let person = |role: &str| -> Result<Person, GitError> {
        let given = |what: &str| variable(&format!("GIT_{}_{what}", role.to_uppercase()));
        let own = |what: &str| text(&config, &format!("{role}.{what}"));
        let date = format!("GIT_{}_DATE", role.to_uppercase());
        let at = variable(&date).filter(|text| !text.is_empty());
        Ok(Person {
            name: given("NAME")
                .filter(|name| !name.is_empty())
                .or_else(|| own("name"))
                .or_else(|| text(&config, "user.name")),
            // An empty address is one, except for `author.email` and `committer.email`.
            email: given("EMAIL")
                .or_else(|| own("email"))
                .or_else(|| config.get_string("user.email").ok())
                .or_else(|| variable("EMAIL").filter(|email| !email.is_empty())),
            at: at.map(|text| date::parse(&date, &text, now)).transpose()?,
        })
    };
    Ok(Identity { author: person("author")?, committer: person("committer")?, signer: signer(&config)? })
}

fn text(config: &git2::Config, name: &str) -> Option<String> {
    config.get_string(name).ok().filter(|text| !text.is_empty())
}

fn signer(config: &git2::Config) -> Result<Option<Signer>, GitError> {
    if !config.get_bool("commit.gpgsign").unwrap_or(false) {
        return Ok(None);
    }
    let what = "commit.gpgSign of Git's configuration";
    let refuse = |reason: &str| GitError::Key { what: what.to_owned(), reason: reason.to_owned() };
    if text(config, "gpg.format").as_deref() != Some("ssh") {
        return Err(refuse(
            "only an SSH key can sign these commits: set gpg.format to ssh and user.signingKey to a file",
        ));
    }
    let file = config.get_path("user.signingkey").map_err(|_| refuse("user.signingKey names no file"))?;
    // Git also accepts the public half, and finds the private one next to it.
    let private =
        if file.extension().is_some_and(|end| end == "pub") { file.with_extension("") } else { file };
    let key = std::fs::read_to_string(&private).map_err(|error| GitError::File { path: private, error })?;
    Signer::ssh(&key, &Secret::default(), "user.signingKey of Git's configuration").map(Some)
}
