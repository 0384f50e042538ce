//! The API of any forge: repeats calls, reads answers, sorts refusals, and escapes paths.

use super::Forge;
use super::ForgeError;
use super::Opening;
use super::Team;
use super::connection::Answer;
use super::connection::Connection;
use crate::net;
use crate::net::Retries;
use crate::text;
use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use http::Method;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;

/// What differs between forges in their answers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dialect {
    /// How long an answer asks to wait.
    pub(super) wait: fn(&HeaderMap) -> Option<Duration>,
    /// What a refusal means, where its status alone does not say it.
    pub(super) meaning: fn(&Refusal<'_>) -> Option<ForgeError>,
}

/// An answer that is not a success, and the request it belongs to.
pub(super) struct Refusal<'a> {
    pub(super) doing: &'a str,
    pub(super) method: &'a Method,
    pub(super) path: &'a str,
    pub(super) status: u16,
    pub(super) headers: &'a HeaderMap,
    /// The forge's own message, in one line.
    pub(super) reason: String,
}

impl Refusal<'_> {
    /// A refusal that no caller handles, with a hint.
    pub(super) fn denied(&self, reason: impl Into<String>, hint: impl Into<String>) -> ForgeError {
        ForgeError::Denied { doing: self.doing.to_owned(), reason: reason.into(), hint: Some(hint.into()) }
    }

    /// A header's value.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// What the status says, if it has no meaning of its own at the forge.
    fn sorted(self, wait: Option<Duration>) -> ForgeError {
        let (doing, reason, status) = (self.doing.to_owned(), self.reason.clone(), self.status);
        match status {
            301 | 302 | 307 | 308 => {
                let location = self.header("location").unwrap_or("an unknown address").to_owned();
                ForgeError::Moved { doing, location }
            }
            401 => ForgeError::Unauthorized { doing, reason },
            404 => ForgeError::NotFound { doing },
            429 => ForgeError::RateLimited { doing, retry_after: wait },
            500.. => ForgeError::Server { doing, status, reason, retry_after: wait },
            _ => ForgeError::Denied { doing, reason, hint: None },
        }
    }
}

/// One forge's API, asked with one token for a limited time.
#[derive(Debug)]
pub(super) struct Api {
    connection: Connection,
    dialect: Dialect,
    until: Instant,
}

impl Api {
    /// Nothing is sent yet.
    pub(super) fn open(
        opening: &Opening,
        base: &str,
        headers: &[(HeaderName, HeaderValue)],
        dialect: Dialect,
    ) -> anyhow::Result<Self> {
        let connection = Connection::open(opening, base, headers)?;
        Ok(Self { connection, dialect, until: Instant::now() + opening.limit })
    }

    fn retries(&self) -> Retries<'static> {
        Retries::new(net::pauses(Duration::from_millis(250)), self.until).patient()
    }

    /// Sends, repeats what may be repeated, and sorts refusals into errors. 404 is an error like any other.
    pub(super) async fn call(
        &self,
        doing: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Answer, ForgeError> {
        self.retries().run(|| self.ask(doing, &method, path, body.as_ref())).await
    }

    /// Changes something; the answer does not matter.
    pub(super) async fn change(
        &self,
        doing: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<(), ForgeError> {
        self.call(doing, method, path, body).await.map(drop)
    }

    /// Removes something; it is not an error if it is gone already.
    pub(super) async fn delete(&self, doing: &str, path: &str) -> Result<(), ForgeError> {
        found(self.change(doing, Method::DELETE, path, None).await).map(drop)
    }

    /// Reads an answer.
    pub(super) async fn read<T: DeserializeOwned>(&self, doing: &str, path: &str) -> Result<T, ForgeError> {
        // Parsing is part of what is repeated: an answer that was cut off may be whole the next time.
        let attempt = || async { parse(doing, &self.ask(doing, &Method::GET, path, None).await?) };
        self.retries().run(attempt).await
    }

    /// Creates something, and reads the answer, so that one of a proxy does not count as success.
    pub(super) async fn create<T: DeserializeOwned>(
        &self,
        doing: &str,
        path: &str,
        body: Value,
    ) -> Result<T, ForgeError> {
        let attempt = || async { parse(doing, &self.ask(doing, &Method::POST, path, Some(&body)).await?) };
        self.retries().run(attempt).await
    }

    /// Reads a list page by page, up to the first that is not full. `path` returns the path of a page by its number, from 1.
    pub(super) async fn pages<T: DeserializeOwned>(
        &self,
        doing: &str,
        size: usize,
        path: impl Fn(usize) -> String,
    ) -> Result<Vec<T>, ForgeError> {
        let mut all = Vec::new();
        for page in 1.. {
            let found: Vec<T> = self.read(doing, &path(page)).await?;
            let is_last = found.len() < size;
            all.extend(found);
            if is_last {
                break;
            }
        }
        Ok(all)
    }

    async fn ask(
        &self,
        doing: &str,
        method: &Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer, ForgeError> {
        let answer = self.connection.send(doing, method, path, body).await?;
        check(&self.dialect, (doing, method, path), answer)
    }
}

/// The outcome of giving a team access: after a lost answer, the second attempt is refused.
pub(super) async fn unless_granted(
    forge: &impl Forge,
    team: &Team,
    exactly: bool,
    outcome: Result<(), ForgeError>,
) -> Result<(), ForgeError> {
    match outcome {
        Err(error) => match forge.has_access(team, exactly).await {
            Ok(true) => Ok(()),
            _ => Err(error),
        },
        done => done,
    }
}

/// `None` if the forge did not find it.
pub(super) fn found<T>(result: Result<T, ForgeError>) -> Result<Option<T>, ForgeError> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(ForgeError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Sorts an answer that is not a success.
pub(super) fn check(
    dialect: &Dialect,
    (doing, method, path): (&str, &Method, &str),
    answer: Answer,
) -> Result<Answer, ForgeError> {
    if answer.status.is_success() {
        return if is_page(&answer) { Err(not_the_api(doing)) } else { Ok(answer) };
    }
    let status = answer.status.as_u16();
    let reason = words(&serde_json::from_slice(&answer.body).unwrap_or_default(), status);
    let refusal = Refusal { doing, method, path, status, headers: &answer.headers, reason };
    match (dialect.meaning)(&refusal) {
        Some(error) => Err(error),
        None => Err(refusal.sorted((dialect.wait)(&answer.headers))),
    }
}

/// Whether this is a page for people: of a proxy, a login, another server.
fn is_page(answer: &Answer) -> bool {
    let kind = answer.headers.get(http::header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
        || answer.body.trim_ascii_start().starts_with(b"<")
}

fn not_the_api(doing: &str) -> ForgeError {
    let reason = "a web page instead of an answer of the API".to_owned();
    ForgeError::Garbage { doing: doing.to_owned(), reason }
}

/// The forge's own message in one line, or those of several errors.
fn words(complaint: &Value, status: u16) -> String {
    let mut parts = Vec::new();
    for field in ["message", "error", "error_description", "errors"] {
        collect(&complaint[field], "", &mut parts);
    }
    let parts: Vec<String> =
        parts.iter().map(|part| text::said(part)).filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { format!("status {status}") } else { parts.join(": ") }
}

/// Collects messages from texts, lists of them, and objects with a `message` or with lists by field.
fn collect(value: &Value, field: &str, parts: &mut Vec<String>) {
    match value {
        Value::String(text) if text.trim().is_empty() => {}
        // `base` is GitLab's name for the whole object.
        Value::String(text) if field.is_empty() || field == "base" => parts.push(text.trim().to_owned()),
        Value::String(text) => parts.push(format!("{field} {}", text.trim())),
        Value::Array(items) => items.iter().for_each(|item| collect(item, field, parts)),
        Value::Object(fields) => match fields.get("message") {
            Some(message) => collect(message, "", parts),
            None => fields.iter().for_each(|(field, value)| collect(value, field, parts)),
        },
        _ => {}
    }
}

/// One segment of a path, so that no name can reach another endpoint; a path of groups becomes one with `%2F`.
pub(super) fn segment(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

pub(super) fn parse<T: DeserializeOwned>(doing: &str, answer: &Answer) -> Result<T, ForgeError> {
    if is_page(answer) {
        return Err(not_the_api(doing));
    }
    serde_json::from_slice(&answer.body)
        .map_err(|error| ForgeError::Garbage { doing: doing.to_owned(), reason: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_reach_another_endpoint() {
        assert_eq!(segment("../../user?x=1#y"), "..%2F..%2Fuser%3Fx%3D1%23y");
        assert_eq!(segment("group/sub group"), "group%2Fsub%20group");
    }

    #[test]
    fn the_words_of_every_forge_are_found() {
        let words = |text: &str| words(&serde_json::from_str(text).unwrap_or_default(), 418);
        assert_eq!(words("<html>"), "status 418");
        assert_eq!(words(r#"{"message": "404 Project Not Found"}"#), "404 Project Not Found");
        assert_eq!(words(r#"{"message": "No", "errors": [{"message": "a\nb"}, "c"]}"#), "No: a; b: c");
        let taken = r#"{"message": {"name": ["has already been taken"], "base": ["no"]}}"#;
        assert_eq!(words(taken), "no: name has already been taken");
        let scope =
            r#"{"error": "insufficient_scope", "error_description": "more is needed", "scope": "api"}"#;
        assert_eq!(words(scope), "insufficient_scope: more is needed");
        assert_eq!(words(r#"{"errors": [{"context": null, "message": "no such key"}]}"#), "no such key");
    }
}
