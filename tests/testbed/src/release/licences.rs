//! Whether `deny.toml` allows all crates: their licences, where they come from, and which versions of them are asked for.

use super::crates::Crates;
use super::native;
use anyhow::Context;
use cargo_metadata::semver::VersionReq;
use serde::Deserialize;
use spdx::Expression;
use spdx::Licensee;
use spdx::ParseMode;

/// What is read of `deny.toml`, in the format of cargo-deny.
#[derive(Deserialize)]
pub struct Rules {
    licenses: Licences,
    #[serde(default)]
    bans: Bans,
    #[serde(default)]
    sources: Sources,
}

#[derive(Default, Deserialize)]
struct Bans {
    #[serde(default)]
    wildcards: Level,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
struct Sources {
    unknown_registry: Level,
    unknown_git: Level,
}

#[derive(Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Level {
    #[default]
    Allow,
    Warn,
    Deny,
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
    /// Names every crate whose licence is not allowed, that comes from elsewhere than the registry, or of which any version will do.
    pub fn judge(&self, crates: &Crates) -> anyhow::Result<()> {
        self.judge_licences(crates)?;
        let packages = || [&crates.program].into_iter().chain(&crates.linked).chain(&crates.tools);
        let foreign = packages().filter(|package| {
            package.source.as_ref().is_some_and(|source| {
                let is_git = source.repr.starts_with("git+");
                let level = if is_git { &self.sources.unknown_git } else { &self.sources.unknown_registry };
                *level == Level::Deny && !source.is_crates_io()
            })
        });
        let foreign: Vec<String> = foreign.map(|package| package.name.to_string()).collect();
        anyhow::ensure!(foreign.is_empty(), "sources that deny.toml does not allow: {}", foreign.join(", "));
        let asked = crates.program.dependencies.iter();
        let open = asked.filter(|one| one.req == VersionReq::STAR && one.path.is_none());
        let open: Vec<&str> = open.map(|one| one.name.as_str()).collect();
        let is_refused = self.bans.wildcards == Level::Deny && !open.is_empty();
        anyhow::ensure!(!is_refused, "wildcards that deny.toml does not allow: {}", open.join(", "));
        Ok(())
    }

    fn judge_licences(&self, crates: &Crates) -> anyhow::Result<()> {
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
