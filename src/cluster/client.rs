//! From kubeconfig and flags to a client of the API server. No request is sent here.

use crate::text::Secret;
use crate::text::WithHint;
use anyhow::Context;
use kube::config::KubeConfigOptions;
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
    /// How long the head of an answer may take, repetitions for a busy server included.
    pub answer_limit: Option<Duration>,
}

/// What `--timeout` is by default.
const DEFAULT_ANSWER_LIMIT: Duration = Duration::from_secs(300);

impl Access {
    /// The merged kubeconfig files that exist; `None` when there is none.
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
            let next = Kubeconfig::read_from(path)
                .with_context(|| format!("reading the kubeconfig \"{}\"", path.display()))?;
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

    async fn config(&self) -> anyhow::Result<kube::Config> {
        // With an address, flags can say all that a kubeconfig would.
        let found = self.read_kubeconfig()?.or_else(|| self.server.as_ref().map(|_| Kubeconfig::default()));
        let mut config = match found {
            Some(kubeconfig) => {
                let mut options = KubeConfigOptions {
                    context: self.context.clone(),
                    cluster: self.cluster.clone(),
                    user: self.user.clone(),
                };
                let kubeconfig = self.with_flags(kubeconfig, &mut options);
                kube::Config::from_custom_kubeconfig(kubeconfig, &options)
                    .await
                    .context("loading the kubeconfig")
                    .hint("`kubectl config get-contexts` lists the contexts; choose one with --context")?
            }
            None => kube::Config::incluster_env()
                .map_err(|_| anyhow::anyhow!("no kubeconfig was found and this is not a pod of a cluster"))
                .hint("set KUBECONFIG or pass --kubeconfig; `kubectl config view` shows what kubectl uses")?,
        };
        self.override_config(&mut config)?;
        Ok(config)
    }

    /// Flags about the user and the cluster replace what the kubeconfig says, before its files are loaded.
    fn with_flags(&self, mut kubeconfig: Kubeconfig, options: &mut KubeConfigOptions) -> Kubeconfig {
        let selected = options.context.clone().or_else(|| kubeconfig.current_context.clone());
        let context = kubeconfig
            .contexts
            .iter()
            .find(|context| Some(&context.name) == selected.as_ref())
            .and_then(|context| context.context.clone());
        if kubeconfig.contexts.is_empty() {
            make_room(&mut kubeconfig, options);
        }
        let cluster_name = options.cluster.clone().or_else(|| context.as_ref().map(|c| c.cluster.clone()));
        let clusters =
            kubeconfig.clusters.iter_mut().filter(|named| Some(&named.name) == cluster_name.as_ref());
        for cluster in clusters.filter_map(|named| named.cluster.as_mut()) {
            self.override_cluster(cluster);
        }
        let user_name = options.user.clone().or_else(|| context.and_then(|c| c.user));
        let users = kubeconfig.auth_infos.iter_mut().filter(|named| Some(&named.name) == user_name.as_ref());
        for user in users.filter_map(|named| named.auth_info.as_mut()) {
            self.override_user(user);
        }
        kubeconfig
    }

    fn override_cluster(&self, cluster: &mut kube::config::Cluster) {
        if let Some(path) = &self.certificate_authority {
            cluster.certificate_authority = Some(path.clone());
            cluster.certificate_authority_data = None;
        }
        if self.insecure_skip_tls_verify {
            cluster.insecure_skip_tls_verify = Some(true);
        }
        if let Some(name) = &self.tls_server_name {
            cluster.tls_server_name = Some(name.clone());
        }
        if let Some(server) = &self.server {
            // An address without a scheme is one without TLS, unless something was said about TLS.
            let has_tls = cluster.certificate_authority.is_some()
                || cluster.certificate_authority_data.is_some()
                || cluster.insecure_skip_tls_verify == Some(true);
            let scheme = if has_tls { "https" } else { "http" };
            let is_whole = server.contains("://");
            cluster.server = Some(if is_whole { server.clone() } else { format!("{scheme}://{server}") });
        }
    }

    fn override_user(&self, user: &mut kube::config::AuthInfo) {
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
    }

    fn override_config(&self, config: &mut kube::Config) -> anyhow::Result<()> {
        if let Some(user) = &self.impersonate {
            config.auth_info.impersonate = Some(user.clone());
        }
        if !self.impersonate_groups.is_empty() {
            config.auth_info.impersonate_groups = Some(self.impersonate_groups.clone());
        }
        if let Some(uid) = &self.impersonate_uid {
            config.auth_info.impersonate_uid = Some(uid.clone());
        }
        for pair in &self.impersonate_extra {
            let (key, value) = pair
                .split_once('=')
                .with_context(|| format!("--as-user-extra \"{pair}\" is not key=value"))?;
            let extra = config.auth_info.impersonate_user_extra.get_or_insert_default();
            extra.entry(key.to_owned()).or_default().push(value.to_owned());
        }
        config.accept_invalid_certs |= self.insecure_skip_tls_verify;
        config.disable_compression |= self.disable_compression;
        config.connect_timeout = Some(Duration::from_secs(30));
        Ok(())
    }
}

/// A context, a cluster and a user for flags to fill, where no kubeconfig has any.
fn make_room(kubeconfig: &mut Kubeconfig, options: &mut KubeConfigOptions) {
    use kube::config::AuthInfo;
    use kube::config::Cluster;
    use kube::config::Context;
    use kube::config::NamedAuthInfo;
    use kube::config::NamedCluster;
    use kube::config::NamedContext;
    let name = "flags".to_owned();
    let cluster = options.cluster.get_or_insert_with(|| name.clone()).clone();
    let user = options.user.get_or_insert_with(|| name.clone()).clone();
    let context = options.context.get_or_insert_with(|| name.clone()).clone();
    let joined = Context { cluster: cluster.clone(), user: Some(user.clone()), ..Context::default() };
    kubeconfig.contexts.push(NamedContext {
        name: context,
        context: Some(joined),
        ..NamedContext::default()
    });
    kubeconfig.clusters.push(NamedCluster {
        name: cluster,
        cluster: Some(Cluster::default()),
        ..NamedCluster::default()
    });
    kubeconfig.auth_infos.push(NamedAuthInfo {
        name: user,
        auth_info: Some(AuthInfo::default()),
        ..NamedAuthInfo::default()
    });
}

/// A client of the API server that `access` describes. Sends nothing yet.
///
/// # Errors
/// No kubeconfig, an unknown context, unreadable certificates: each named, with what to do.
pub async fn connect(access: &Access) -> anyhow::Result<kube::Client> {
    let config = access.config().await?;
    super::reach::client(config, access.answer_limit.unwrap_or(DEFAULT_ANSWER_LIMIT))
        .context("preparing the connection to the API server")
}
