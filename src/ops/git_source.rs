//! The repository behind a GitRepository, reached as source-controller reaches it: with the Secrets that the object names.

use crate::api::ObjectId;
use crate::api::Role;
use crate::api::object;
use crate::api::source::git_repository::GIT_REPOSITORY;
use crate::cluster;
use crate::git;
use crate::git::Auth;
use crate::git::GitUrl;
use crate::git::ssh::PrivateKey;
use crate::git::ssh::SshAuth;
use crate::kind;
use crate::net::Proxy;
use crate::ops::Session;
use crate::ops::Sink;
use crate::ops::git_app;
use crate::ops::git_app::AppSecret;
use crate::ops::secret::is_public;
use crate::text;
use crate::text::Secret;
use anyhow::Context;
use base64::Engine;
use kube::Api;
use serde_json::Value;
use std::time::Duration;

/// How long an app may take to log in: what it reads is worth less than the rest.
const LONGEST_LOGIN: Duration = Duration::from_secs(30);

/// The commit of a revision such as `main@sha1:…`, or `main/…` as older controllers write it, with the branch or tag in front of it.
pub fn commit_of(revision: &str) -> Option<(&str, &str)> {
    let parts = revision.rsplit_once('@').or_else(|| revision.rsplit_once('/'));
    let (reference, digest) = parts.unwrap_or(("", revision));
    let commit = digest.strip_prefix("sha1:").unwrap_or(digest);
    text::is_commit(commit).then_some((reference, commit))
}

/// Whether an object is a source that is a Git repository.
pub fn is_git(source: &ObjectId) -> bool {
    kind::has(&source.kind, Role::GitSource)
}

/// A GitRepository.
///
/// # Errors
/// It cannot be read.
pub async fn read(session: &Session<'_>, id: &ObjectId) -> anyhow::Result<Value> {
    cluster::get(&session.client, &GIT_REPOSITORY, &id.namespace, &id.name).await
}

/// The remote repository of a GitRepository. `proxy` is that of the environment, for objects that name none.
///
/// # Errors
/// A Secret cannot be read; a way to log in that only the controller has; what the forge answers to its app.
pub async fn remote(
    session: &Session<'_>,
    (id, source): (&ObjectId, &Value),
    proxy: &Proxy,
) -> anyhow::Result<git::Remote> {
    let (client, sink) = (&session.client, session.sink);
    let provider = object::text(source, "/spec/provider");
    let is_app = git_app::is_used(source);
    anyhow::ensure!(
        matches!(provider, "" | "generic") || is_app,
        "{id} logs in as \"{provider}\", which only the cluster can"
    );
    let url = GitUrl::of_repository(object::text(source, "/spec/url"))?;
    let secrets = Secrets { client, sink, namespace: &id.namespace };
    let proxy = secrets.proxy(source).await?.unwrap_or_else(|| proxy.clone());
    let fields = secrets.login(source).await?;
    let auth = match url.scheme() {
        git::Scheme::Ssh => ssh(&fields)?,
        _ if is_app => {
            let limit = session.deadline.remaining().min(LONGEST_LOGIN);
            let field = |key: &str| fields.text(key);
            let app = AppSecret::of((source, &id.namespace), &field, fields.authority(), &proxy);
            app.log_in(sink, &(session.now)(), limit).await?.auth()
        }
        _ => http(&fields),
    };
    Ok(git::Remote { ca: fields.authority(), proxy, ..git::Remote::new(url, auth) })
}

/// What the Secret of a source knows about its server.
#[derive(Debug, Default)]
pub(super) struct Server {
    pub(super) ca: Option<Vec<u8>>,
    pub(super) known_hosts: String,
    /// The app that the source logs in as.
    pub(super) app: Option<AppSecret>,
}

/// The server of a GitRepository. Who may not read its Secret has to know the server by other means.
pub(super) async fn server(
    client: &kube::Client,
    sink: &dyn Sink,
    (source, namespace): (&Value, &str),
    proxy: &Proxy,
) -> Server {
    let secrets = Secrets { client, sink, namespace };
    let Ok(fields) = secrets.login(source).await else { return Server::default() };
    let mut server = Server { ca: fields.authority(), known_hosts: fields.plain("known_hosts"), app: None };
    if git_app::is_used(source) {
        let own = secrets.proxy(source).await.ok().flatten();
        let (field, ca) = (|key: &str| fields.text(key), fields.authority());
        let app = AppSecret::of((source, namespace), &field, ca, own.as_ref().unwrap_or(proxy));
        server.app = Some(app);
    }
    server
}

/// The Secrets of a namespace, of which nothing is shown once they are read.
struct Secrets<'a> {
    client: &'a kube::Client,
    sink: &'a dyn Sink,
    namespace: &'a str,
}

impl Secrets<'_> {
    /// The Secret that a source names for its server; without one, there is nothing.
    async fn login(&self, source: &Value) -> anyhow::Result<Fields> {
        match object::text(source, "/spec/secretRef/name") {
            "" => Ok(Fields(Value::Null)),
            name => self.read(name).await,
        }
    }

    /// The proxy that a source names.
    async fn proxy(&self, source: &Value) -> anyhow::Result<Option<Proxy>> {
        match object::text(source, "/spec/proxySecretRef/name") {
            "" => Ok(None),
            name => Ok(Some(proxy_of(&self.read(name).await?))),
        }
    }

    async fn read(&self, name: &str) -> anyhow::Result<Fields> {
        let api: Api<k8s_openapi::api::core::v1::Secret> =
            Api::namespaced(self.client.clone(), self.namespace);
        let doing = format!("reading Secret \"{}/{name}\"", self.namespace);
        let secret = api.get(name).await.map_err(|error| cluster::explain(error, &doing))?;
        let fields = Fields(serde_json::to_value(secret.data).context(doing)?);
        fields.secrets().for_each(|secret| self.sink.redact(&secret));
        Ok(fields)
    }
}

/// What a Secret holds.
struct Fields(Value);

impl Fields {
    fn authority(&self) -> Option<Vec<u8>> {
        let ca = self.text("ca.crt").or_else(|| self.text("caFile"))?;
        Some(ca.reveal().as_bytes().to_vec())
    }

    fn text(&self, key: &str) -> Option<Secret> {
        let encoded = self.0.get(key)?.as_str()?;
        let decoded = base64::engine::general_purpose::STANDARD.decode(encoded).ok()?;
        String::from_utf8(decoded).ok().filter(|text| !text.is_empty()).map(Secret::new)
    }

    /// What must not be shown of it: all but the fields that are known to be public.
    fn secrets(&self) -> impl Iterator<Item = Secret> {
        let fields = self.0.as_object().into_iter().flatten();
        fields.filter_map(|(key, _)| self.text(key).filter(|content| !is_public(key, content.reveal())))
    }

    fn plain(&self, key: &str) -> String {
        self.text(key).map(|text| text.reveal().to_owned()).unwrap_or_default()
    }
}

fn http(fields: &Fields) -> Auth {
    match (fields.text("bearerToken"), fields.text("password")) {
        (Some(token), _) => Auth::Bearer(token),
        (None, Some(password)) => Auth::Basic { username: fields.plain("username"), password },
        (None, None) => Auth::None,
    }
}

fn ssh(fields: &Fields) -> anyhow::Result<Auth> {
    let identity = fields.text("identity").context("its Secret has no \"identity\"")?;
    let key = PrivateKey::parse(identity.reveal(), fields.text("password").as_ref(), "identity")?;
    Ok(Auth::Ssh(SshAuth { key: Some(key), known_hosts: fields.plain("known_hosts"), ..SshAuth::default() }))
}

/// The proxy of a Secret, with the user and the password in its address.
fn proxy_of(fields: &Fields) -> Proxy {
    let address = fields.plain("address");
    let whole = url::Url::parse(&address).ok().and_then(|mut url| {
        let (user, password) = (fields.plain("username"), fields.plain("password"));
        if !user.is_empty() {
            url.set_username(&user).ok()?;
            url.set_password(Some(&password)).ok()?;
        }
        Some(url.to_string())
    });
    let whole = whole.unwrap_or(address);
    Proxy { https: Some(whole.clone()), http: Some(whole), none: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_revision_has_a_commit_and_what_was_followed() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(commit_of(&format!("main@sha1:{commit}")), Some(("main", commit)));
        assert_eq!(commit_of(&format!("refs/pull/1/head@sha1:{commit}")), Some(("refs/pull/1/head", commit)));
        assert_eq!(commit_of(&format!("sha1:{commit}")), Some(("", commit)));
        assert_eq!(commit_of(&format!("feature/x/{commit}")), Some(("feature/x", commit)));
        assert_eq!(commit_of("main@sha256:0123"), None);
        assert_eq!(commit_of("6.5.4"), None);
    }

    #[test]
    fn of_a_secret_everything_is_redacted_that_is_not_known_to_be_public() {
        let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
        let fields = Fields(json!({
            "ca.crt": encode("authority"), "github.token": encode("ghp_1234"), "known_hosts": encode("host key"),
            "tls.key": encode("private"), "username": encode("ada"), "password": encode("hunter22"), "empty": "",
        }));
        let mut secrets: Vec<String> = fields.secrets().map(|secret| secret.reveal().to_owned()).collect();
        secrets.sort();
        assert_eq!(secrets, ["ghp_1234", "hunter22", "private"]);
        assert_eq!(Fields(Value::Null).secrets().count(), 0);
    }

    #[test]
    fn a_secret_says_how_to_log_in() {
        let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
        let fields = Fields(json!({"username": encode("ada"), "password": encode("p:w")}));
        assert!(
            matches!(http(&fields), Auth::Basic { username, password } if username == "ada" && password.reveal() == "p:w")
        );
        assert!(matches!(http(&Fields(json!({"bearerToken": encode("t")}))), Auth::Bearer(_)));
        assert!(matches!(http(&Fields(Value::Null)), Auth::None));
        assert!(ssh(&fields).unwrap_err().to_string().contains("identity"));
        let proxy = Fields(
            json!({"address": encode("http://proxy:3128"), "username": encode("a"), "password": encode("b@")}),
        );
        assert_eq!(proxy_of(&proxy).https.as_deref(), Some("http://a:b%40@proxy:3128/"));
    }
}
