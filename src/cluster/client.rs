//! From kubeconfig and flags to a client of the API server. No request is sent here, but a credential plugin may be run.

use super::certificates;
use super::credentials;
use super::credentials::Credentials;
use super::in_time;
use super::kubeconfig;
use super::proxy;
use super::proxy::ProxyVariables;
use crate::text::Secret;
use crate::text::WithHint;
use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kube::config::AuthInfo;
use kube::config::Cluster;
use kube::config::Kubeconfig;
use std::path::PathBuf;
use std::time::Duration;

/// How the API server is reached: the kubeconfig files and what flags say over them.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// The kubeconfig files, the first one winning; from `--kubeconfig`, `KUBECONFIG` or the home directory.
    pub kubeconfig: Vec<PathBuf>,
    /// Whether a flag named the file: then it must be there.
    pub kubeconfig_was_given: bool,
    pub context: Option<String>,
    pub cluster: Option<String>,
    pub user: Option<String>,
    pub server: Option<String>,
    pub token: Option<Secret>,
    pub impersonate: Option<String>,
    pub impersonate_groups: Vec<String>,
    pub impersonate_uid: Option<String>,
    /// `key=value` pairs.
    pub impersonate_extra: Vec<String>,
    pub certificate_authority: Option<String>,
    pub client_certificate: Option<String>,
    pub client_key: Option<String>,
    pub tls_server_name: Option<String>,
    pub insecure_skip_tls_verify: bool,
    pub disable_compression: bool,
    /// What the environment says about proxies.
    pub proxy: ProxyVariables,
    /// The clock, for credentials that expire.
    pub now: Option<fn() -> jiff::Zoned>,
    /// How long the head of an answer may take, repetitions for a busy server included.
    pub answer_limit: Option<Duration>,
}

/// What `--timeout` is by default.
const DEFAULT_ANSWER_LIMIT: Duration = Duration::from_secs(300);

impl Access {
    /// The same for another context: what flags say about one cluster and one user is not true of others. Impersonation is.
    pub fn at_context(&self, context: &str) -> Self {
        Self {
            context: Some(context.to_owned()),
            cluster: None,
            user: None,
            server: None,
            token: None,
            certificate_authority: None,
            client_certificate: None,
            client_key: None,
            tls_server_name: None,
            insecure_skip_tls_verify: false,
            ..self.clone()
        }
    }

    /// The merged kubeconfig files that exist; `None` if there is none.
    ///
    /// # Errors
    /// A file that cannot be read or parsed, named.
    pub fn read_kubeconfig(&self) -> anyhow::Result<Option<Kubeconfig>> {
        let mut merged: Option<Kubeconfig> = None;
        for path in &self.kubeconfig {
            if !path.exists() {
                anyhow::ensure!(
                    !self.kubeconfig_was_given,
                    "stat {}: no such file or directory",
                    path.display()
                );
                continue;
            }
            let next = kubeconfig::read(path)?;
            merged = Some(match merged {
                None => next,
                Some(before) => before.merge(next).context("merging the kubeconfig files")?,
            });
        }
        Ok(merged)
    }

    /// The namespace of the selected context, if it names one.
    pub fn context_namespace(&self) -> Option<String> {
        let config = self.read_kubeconfig().ok()??;
        let selected = self.context.clone().or(config.current_context)?;
        let named = config.contexts.into_iter().find(|context| context.name == selected)?;
        named.context?.namespace.filter(|namespace| !namespace.is_empty())
    }

    /// Where the API server is and how it is reached, and which identity is shown to it.
    async fn config(&self) -> anyhow::Result<(kube::Config, Credentials)> {
        // With an address, flags can say all that a kubeconfig would.
        let found = self.read_kubeconfig()?.or_else(|| self.server.as_ref().map(|_| Kubeconfig::default()));
        let (mut config, mut user) = match found {
            Some(kubeconfig) => self.chosen(kubeconfig)?,
            None => {
                let mut config = kube::Config::incluster_env()
                    .map_err(|_| {
                        anyhow::anyhow!("no kubeconfig was found and this is not a pod of a cluster")
                    })
                    .hint(
                        "set KUBECONFIG or pass --kubeconfig; `kubectl config view` shows what kubectl uses",
                    )?;
                config.proxy_url = proxy::of(("", &Cluster::default()), &config.cluster_url, &self.proxy)?;
                let mut user = config.auth_info.clone();
                self.override_user(&mut user)?;
                (config, user)
            }
        };
        config.headers = credentials::impersonation(&user)?;
        if let Some(exec) = &mut user.exec
            && exec.cluster.is_none()
        {
            exec.provide_cluster_info = false;
        }
        let limit = self.answer_limit.unwrap_or(DEFAULT_ANSWER_LIMIT);
        let credentials = Credentials::of(&user, self.now);
        let (credentials, identity) = in_time(limit, "getting credentials", credentials).await?;
        config.auth_info = AuthInfo {
            client_certificate: user.client_certificate,
            client_certificate_data: user.client_certificate_data,
            client_key: user.client_key,
            client_key_data: user.client_key_data,
            ..AuthInfo::default()
        };
        if let Some((certificate, key)) = identity {
            config.auth_info = AuthInfo {
                client_certificate_data: Some(STANDARD.encode(certificate)),
                client_key_data: Some(STANDARD.encode(key).into()),
                ..AuthInfo::default()
            };
        }
        config.disable_compression |= self.disable_compression;
        config.connect_timeout = Some(Duration::from_secs(30));
        Ok((config, credentials))
    }

    /// The cluster and the user that context and flags choose.
    fn chosen(&self, kubeconfig: Kubeconfig) -> anyhow::Result<(kube::Config, AuthInfo)> {
        let context = match (&self.context, &kubeconfig.current_context) {
            (Some(name), _) => Some(
                named(&kubeconfig.contexts, name, |one| (&one.name, &one.context))
                    .with_context(|| format!("context \"{name}\" does not exist"))
                    .hint(CONTEXTS)?,
            ),
            (None, Some(name)) => Some(
                named(&kubeconfig.contexts, name, |one| (&one.name, &one.context))
                    .with_context(|| format!("context was not found for specified context: {name}"))
                    .hint(CONTEXTS)?,
            ),
            (None, None) => None,
        };
        let of_context = |part: fn(&kube::config::Context) -> Option<&String>| {
            context.and_then(part).map_or("", String::as_str)
        };
        let cluster_name = self.cluster.as_deref().unwrap_or(of_context(|context| Some(&context.cluster)));
        let found = named(&kubeconfig.clusters, cluster_name, |one| (&one.name, &one.cluster)).cloned();
        let mut cluster = match (found, &self.cluster, &self.server) {
            (Some(cluster), _, _) => cluster,
            (None, Some(name), _) => {
                return Err(anyhow::anyhow!("cluster \"{name}\" does not exist"))
                    .hint("`kubectl config get-clusters` lists the clusters of the kubeconfig");
            }
            (None, None, Some(_)) => Cluster::default(),
            (None, None, None) => {
                return Err(anyhow::anyhow!("the kubeconfig chooses no cluster")).hint(CONTEXTS);
            }
        };
        self.override_cluster(&mut cluster);
        let user_name = self.user.as_deref().unwrap_or(of_context(|context| context.user.as_ref()));
        let mut user = match named(&kubeconfig.auth_infos, user_name, |one| (&one.name, &one.auth_info)) {
            Some(user) => user.clone(),
            None if self.user.is_some() => {
                return Err(anyhow::anyhow!("auth info \"{user_name}\" does not exist"))
                    .hint("`kubectl config get-users` lists the users of the kubeconfig");
            }
            // As client-go: anonymous.
            None => AuthInfo::default(),
        };
        self.override_user(&mut user)?;
        kubeconfig::confirm_usable((cluster_name, &cluster), (user_name, &user))?;
        if let Some(exec) = user.exec.as_mut().filter(|exec| exec.provide_cluster_info) {
            exec.cluster = Some((&cluster).try_into().context("loading the certificate authority")?);
        }
        let address = address(cluster.server.as_deref().unwrap_or_default(), &cluster, &user)?;
        // As client-go: no credentials are sent over plain HTTP.
        if address.scheme_str() != Some("https") {
            let AuthInfo { impersonate, impersonate_uid, impersonate_groups, impersonate_user_extra, .. } =
                user;
            user = AuthInfo {
                impersonate,
                impersonate_uid,
                impersonate_groups,
                impersonate_user_extra,
                ..AuthInfo::default()
            };
        }
        let mut config = kube::Config::new(address);
        config.proxy_url = proxy::of((cluster_name, &cluster), &config.cluster_url, &self.proxy)?;
        config.root_cert = certificates::authorities(&cluster)?;
        certificates::confirm_identity(&user)?;
        certificates::confirm_server_name(cluster.tls_server_name.as_deref())?;
        config.accept_invalid_certs = cluster.insecure_skip_tls_verify == Some(true);
        config.tls_server_name = cluster.tls_server_name;
        config.disable_compression = cluster.disable_compression == Some(true);
        Ok((config, user))
    }

    /// Flags about the cluster replace what the kubeconfig says, and what does not go with them.
    fn override_cluster(&self, cluster: &mut Cluster) {
        if self.insecure_skip_tls_verify || self.certificate_authority.is_some() {
            cluster.insecure_skip_tls_verify = Some(self.insecure_skip_tls_verify);
            cluster.certificate_authority.clone_from(&self.certificate_authority);
            cluster.certificate_authority_data = None;
        }
        if self.tls_server_name.is_some() || self.server.is_some() {
            cluster.tls_server_name.clone_from(&self.tls_server_name);
        }
        if let Some(server) = &self.server {
            cluster.server = Some(server.clone());
        }
    }

    /// Flags about the user replace what the kubeconfig says.
    fn override_user(&self, user: &mut AuthInfo) -> anyhow::Result<()> {
        if let Some(token) = &self.token {
            user.token = Some(token.reveal().to_owned().into());
            user.token_file = None;
            user.exec = None;
        }
        if let Some(path) = &self.client_certificate {
            user.client_certificate = Some(path.clone());
            user.client_certificate_data = None;
        }
        if let Some(path) = &self.client_key {
            user.client_key = Some(path.clone());
            user.client_key_data = None;
        }
        if let Some(name) = &self.impersonate {
            user.impersonate = Some(name.clone());
        }
        if !self.impersonate_groups.is_empty() {
            user.impersonate_groups = Some(self.impersonate_groups.clone());
        }
        if let Some(uid) = &self.impersonate_uid {
            user.impersonate_uid = Some(uid.clone());
        }
        for pair in &self.impersonate_extra {
            let (key, value) = pair
                .split_once('=')
                .with_context(|| format!("--as-user-extra \"{pair}\" is not key=value"))?;
            let extra = user.impersonate_user_extra.get_or_insert_default();
            extra.entry(key.to_owned()).or_default().push(value.to_owned());
        }
        Ok(())
    }
}

/// An entry of a list of the kubeconfig.
fn named<'k, N, T>(list: &'k [N], name: &str, parts: fn(&N) -> (&String, &Option<T>)) -> Option<&'k T> {
    list.iter().map(parts).find(|(own, _)| *own == name).and_then(|(_, value)| value.as_ref())
}

/// The address of the API server, as client-go completes it: without a scheme, TLS is assumed if it is configured.
fn address(server: &str, cluster: &Cluster, user: &AuthInfo) -> anyhow::Result<http::Uri> {
    let has_tls = cluster.certificate_authority.is_some()
        || cluster.certificate_authority_data.is_some()
        || cluster.insecure_skip_tls_verify == Some(true)
        || user.client_certificate.is_some()
        || user.client_certificate_data.is_some();
    let scheme = if has_tls { "https" } else { "http" };
    let whole = if server.contains("://") { server.to_owned() } else { format!("{scheme}://{server}") };
    let address: Option<http::Uri> = whole.parse().ok().filter(|address: &http::Uri| {
        let is_http = ["http", "https"].contains(&address.scheme_str().unwrap_or_default());
        is_http && address.host().is_some_and(|host| !host.is_empty()) && whole.len() < LONGEST_ADDRESS
    });
    address
        .with_context(|| {
            let shown = if server.contains('@') { "…" } else { server };
            format!("host must be a URL or a host:port pair: \"{shown}\"")
        })
        .hint("`kubectl config view --minify` shows the server of the kubeconfig")
}

/// No address is longer; requests that are joined to one must not become too long for a URL.
const LONGEST_ADDRESS: usize = 4096;
const CONTEXTS: &str = "`kubectl config get-contexts` lists the contexts; choose one with --context";

/// A client of the API server that `access` describes. Sends nothing yet.
///
/// # Errors
/// No kubeconfig, an unknown context, unreadable certificates: each named, with what to do.
pub async fn connect(access: &Access) -> anyhow::Result<kube::Client> {
    let (config, credentials) = access.config().await?;
    super::reach::client(config, credentials, access.answer_limit.unwrap_or(DEFAULT_ANSWER_LIMIT))
        .context("preparing the connection to the API server")
}
