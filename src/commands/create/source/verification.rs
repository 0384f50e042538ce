//! Flags that say who must have signed a source, shared by charts and OCI artifacts.

use crate::api::meta::LocalObjectReference;
use crate::api::meta::SignatureProvider;
use crate::api::source::shared::OidcIdentity;
use crate::cli::choice;
use crate::cli::help_text;
use crate::commands::create::fields;

/// What is verified, by whom, and for whom.
type Checked = (SignatureProvider, Option<LocalObjectReference>, Option<Vec<OidcIdentity>>);

// Who must have signed.
#[derive(clap::Args, Debug)]
pub(super) struct Verification {
    /// What verifies the signature: cosign
    #[arg(long, value_name = "provider", value_parser = provider, help_heading = help_text::VERIFICATION, hide_short_help = true)]
    verify_provider: Option<SignatureProvider>,
    /// Secret with the public keys that are trusted
    #[arg(long, value_name = "secret", help_heading = help_text::VERIFICATION, hide_short_help = true)]
    verify_secret_ref: String,
    /// Issuer of the identity that must have signed, a regular expression
    #[arg(long, help_heading = help_text::VERIFICATION, hide_short_help = true)]
    verify_issuer: String,
    /// Subject of the identity that must have signed, a regular expression
    #[arg(long, help_heading = help_text::VERIFICATION, hide_short_help = true)]
    verify_subject: String,
}

impl Verification {
    /// What is verified, if anything.
    ///
    /// # Errors
    /// What makes sense only with a provider, without one.
    pub(super) fn checked(&self) -> anyhow::Result<Option<Checked>> {
        let [issuer, subject] = [&self.verify_issuer, &self.verify_subject];
        let has_identity = !issuer.is_empty() || !subject.is_empty();
        let Some(provider) = self.verify_provider else {
            anyhow::ensure!(
                self.verify_secret_ref.is_empty(),
                "a verification provider must be specified when a secret is specified"
            );
            anyhow::ensure!(
                !has_identity,
                "a verification provider must be specified when OIDC issuer/subject is specified"
            );
            return Ok(None);
        };
        let identity = OidcIdentity { issuer: issuer.clone(), subject: subject.clone() };
        let secret = fields::reference(&self.verify_secret_ref);
        Ok(Some((provider, secret, has_identity.then(|| vec![identity]))))
    }
}

fn provider(text: &str) -> Result<SignatureProvider, String> {
    let none = "no source OCI verify provider given, please specify the OCI verify provider name \
                to use for signature verification, available options are: (cosign)";
    choice(text, &["cosign"], none, "source OCI verify provider")
}
