//! Whether the licences of all crates are among those that `deny.toml` allows.

use super::crates::Crates;
use super::native;
use anyhow::Context;
use serde::Deserialize;
use spdx::Expression;
use spdx::Licensee;
use spdx::ParseMode;

/// The part of `deny.toml` about licences, in the format of cargo-deny.
#[derive(Deserialize)]
pub struct Rules {
    licenses: Licences,
}

#[derive(Deserialize)]
struct Licences {
    allow: Vec<String>,
    #[serde(default)]
    exceptions: Vec<Exception>,
}

#[derive(Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    name: String,
    allow: Vec<String>,
}

impl Rules {
    /// Reads the text of `deny.toml`.
    ///
    /// # Errors
    /// It is not what cargo-deny would read.
    pub fn read(text: &str) -> anyhow::Result<Self> {
        toml::from_str(text).context("reading deny.toml")
    }

    /// Judges what the program is made of and built with.
    ///
    /// # Errors
    /// Names every crate whose licence is not allowed.
    pub fn judge(&self, crates: &Crates) -> anyhow::Result<()> {
        let mut refused = Vec::new();
        for package in [&crates.program].into_iter().chain(&crates.linked).chain(&crates.tools) {
            let own = (package.name.as_str(), package.license.as_deref());
            let carried = native::carried_by(package).map(|native| (native.name, Some(native.licence)));
            for (name, licence) in [own].into_iter().chain(carried) {
                if !self.allows(&package.name, licence)? {
                    let licence = licence.unwrap_or("no licence");
                    refused.push(format!("{name} ({licence}, in {} {})", package.name, package.version));
                }
            }
        }
        anyhow::ensure!(refused.is_empty(), "licences that deny.toml does not allow: {}", refused.join(", "));
        Ok(())
    }

    /// Whether the crate with this name may have this licence.
    ///
    /// # Errors
    /// `deny.toml` names a licence that does not exist.
    pub fn allows(&self, name: &str, licence: Option<&str>) -> anyhow::Result<bool> {
        let exceptions = self.licenses.exceptions.iter().filter(|exception| exception.name == name);
        let names = self.licenses.allow.iter().chain(exceptions.flat_map(|exception| &exception.allow));
        let allowed: Vec<Licensee> = names
            .map(|name| Licensee::parse(name).with_context(|| format!("deny.toml: {name:?}")))
            .collect::<anyhow::Result<_>>()?;
        let Some(Ok(expression)) = licence.map(parse) else { return Ok(false) };
        Ok(expression.evaluate(|wanted| allowed.iter().any(|one| one.satisfies(wanted))))
    }
}

/// An expression as crates write it: the slash of older ones means "or".
pub fn parse(licence: &str) -> anyhow::Result<Expression> {
    Expression::parse_mode(licence, ParseMode::LAX).with_context(|| format!("the licence {licence:?}"))
}
