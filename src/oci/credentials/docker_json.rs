//! The JSON of Docker's configuration, read as Docker reads it: names in any case, the last of two values that have the same name,
//! and whatever follows the first value is ignored.

use super::Credentials;
use crate::text;
use crate::text::Secret;
use anyhow::Context;
use serde::Deserialize;
use serde::Deserializer;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::Visitor;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

/// What a configuration says about logins.
#[derive(Debug, Default)]
pub(super) struct Configuration {
    pub(super) logins: BTreeMap<String, DockerLogin>,
    /// The helper for registries that have none of their own.
    pub(super) store: String,
    pub(super) helpers: BTreeMap<String, String>,
    /// Whether it has a field besides the logins.
    has_more: bool,
    /// Whether one of the logins has a field besides `auth`.
    logins_have_more: bool,
}

/// Logins by registry.
#[derive(Default)]
struct Logins {
    by_registry: BTreeMap<String, DockerLogin>,
    /// Whether one of them has a field besides `auth`, also one that a later one replaces.
    have_more: bool,
}

/// The login at one registry.
#[derive(Debug, Default)]
pub(super) struct DockerLogin {
    auth: Secret,
    username: String,
    password: Secret,
    identity_token: Secret,
    registry_token: Secret,
    /// Whether it has a field besides `auth`.
    has_more: bool,
}

/// Reads a configuration file.
///
/// # Errors
/// It is not a configuration, or one of its logins cannot be read. No error shows a value: it may be a password.
pub(super) fn of_file(text: &str) -> anyhow::Result<Configuration> {
    if is_blank(text) {
        return Ok(Configuration::default());
    }
    let (mut configuration, _) = first_value(text)?;
    configuration.decode()?;
    Ok(configuration)
}

/// Reads the configuration of an environment variable, which has logins in the field `auth` and nothing else.
///
/// # Errors
/// As [`of_file`]; it has more than that.
pub(super) fn of_variable(text: &str) -> anyhow::Result<Configuration> {
    if is_blank(text) {
        return Ok(Configuration::default());
    }
    let (mut configuration, rest) = first_value(text)?;
    anyhow::ensure!(!configuration.has_more, "it has fields other than auths");
    anyhow::ensure!(!configuration.logins_have_more, "a login has fields other than auth");
    for (registry, login) in &configuration.logins {
        anyhow::ensure!(!login.auth.is_empty(), "the login of \"{registry}\" has no field auth");
    }
    anyhow::ensure!(is_blank(rest), "it has more than one JSON object");
    configuration.decode()?;
    Ok(configuration)
}

fn is_blank(text: &str) -> bool {
    text.trim_matches([' ', '\t', '\r', '\n']).is_empty()
}

/// The first value of a text, and what follows it.
fn first_value(text: &str) -> anyhow::Result<(Configuration, &str)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Object<Configuration>>();
    match values.next() {
        Some(Ok(Object(configuration))) => {
            Ok((configuration, text.get(values.byte_offset()..).unwrap_or_default()))
        }
        Some(Err(error)) => {
            let kind = if error.is_eof() {
                "it ends too early"
            } else if error.is_data() {
                "a value is not of the right type"
            } else {
                "it is not JSON"
            };
            anyhow::bail!("{kind}, line {}, column {}", error.line(), error.column())
        }
        None => Ok((Configuration::default(), "")),
    }
}

impl Configuration {
    /// Splits the fields `auth` into users and passwords, those of other registries too: one that is broken spoils the file.
    fn decode(&mut self) -> anyhow::Result<()> {
        for (registry, login) in &mut self.logins {
            login.decode().with_context(|| format!("the login of \"{registry}\""))?;
        }
        Ok(())
    }
}

impl DockerLogin {
    fn decode(&mut self) -> anyhow::Result<()> {
        if self.auth.is_empty() {
            return Ok(());
        }
        let bytes = text::from_base64(self.auth.reveal()).context("the field auth is not Base64")?;
        let decoded = String::from_utf8(bytes).ok().context("the field auth is not UTF-8")?;
        let parts = decoded.split_once(':').filter(|(username, _)| !username.is_empty());
        let (username, password) = parts.context("the field auth is not <user>:<password>")?;
        self.username = username.to_owned();
        self.password = Secret::new(password.trim_matches('\0'));
        Ok(())
    }

    /// What a registry is shown.
    pub(super) fn credentials(&self) -> Credentials {
        if !self.registry_token.is_empty() {
            return Credentials::RegistryToken(self.registry_token.clone());
        }
        if !self.identity_token.is_empty() {
            return Credentials::IdentityToken(self.identity_token.clone());
        }
        Credentials::basic(&self.username, self.password.reveal())
    }
}

/// An object whose fields are set one after the other. Null leaves it as it is.
struct Object<T>(T);

trait Fields: Default {
    /// Takes the value of a field.
    fn set<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error>;
}

impl Fields for Configuration {
    fn set<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match folded(name).as_str() {
            "auths" => {
                let found: Option<Object<Logins>> = map.next_value()?;
                self.logins_have_more |= found.as_ref().is_some_and(|Object(logins)| logins.have_more);
                merge(&mut self.logins, found.map(|Object(logins)| logins.by_registry.into_iter()));
                return Ok(());
            }
            "credsstore" => replace(&mut self.store, map.next_value()?),
            "credhelpers" => {
                let found: Option<BTreeMap<String, Option<String>>> = map.next_value()?;
                let filled = |(key, helper): (String, Option<String>)| (key, helper.unwrap_or_default());
                merge(&mut self.helpers, found.map(|found| found.into_iter().map(filled)));
            }
            _ => {
                map.next_value::<IgnoredAny>()?;
            }
        }
        self.has_more = true;
        Ok(())
    }
}

impl Fields for Logins {
    fn set<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        let Object(login): Object<DockerLogin> = map.next_value()?;
        self.have_more |= login.has_more;
        self.by_registry.insert(name.to_owned(), login);
        Ok(())
    }
}

impl Fields for DockerLogin {
    fn set<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match folded(name).as_str() {
            "auth" => {
                replace(&mut self.auth, map.next_value()?);
                return Ok(());
            }
            "username" => replace(&mut self.username, map.next_value()?),
            "password" => replace(&mut self.password, map.next_value()?),
            "identitytoken" => replace(&mut self.identity_token, map.next_value()?),
            "registrytoken" => replace(&mut self.registry_token, map.next_value()?),
            _ => {
                map.next_value::<IgnoredAny>()?;
            }
        }
        self.has_more = true;
        Ok(())
    }
}

fn replace<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

/// A second map adds to the first, and null empties it.
fn merge<V>(field: &mut BTreeMap<String, V>, value: Option<impl Iterator<Item = (String, V)>>) {
    match value {
        Some(value) => field.extend(value),
        None => field.clear(),
    }
}

impl<'de, T: Fields> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ObjectReader(PhantomData))
    }
}

struct ObjectReader<T>(PhantomData<T>);

impl<'de, T: Fields> Visitor<'de> for ObjectReader<T> {
    type Value = Object<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Object(T::default()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut object = T::default();
        while let Some(name) = map.next_key::<String>()? {
            object.set(&name, &mut map)?;
        }
        Ok(Object(object))
    }
}

/// A name in lower case. Two letters outside of ASCII have theirs in it: the long s and the sign of the kelvin.
fn folded(name: &str) -> String {
    let fold = |letter| match letter {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        other => other.to_ascii_lowercase(),
    };
    name.chars().map(fold).collect()
}
