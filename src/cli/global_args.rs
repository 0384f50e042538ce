//! The flags that every command has, and what follows from them and from the environment.

use super::CommandContext;
use super::Env;
use super::Tree;
use super::completion;
use super::go_values::go_duration;
use super::go_values::go_float;
use super::go_values::go_int;
use super::help_text::CONNECTION;
use super::help_text::GLOBAL;
use crate::cluster::Access;
use crate::cluster::Deadline;
use crate::cluster::ProxyVariables;
use crate::text::Invocation;
use crate::text::Secret;
use crate::ui::Colour;
use crate::ui::Ui;
use std::path::PathBuf;
use std::time::Duration;

// What may come before a command. Not a documentation comment: clap would show it as what the program is.
#[derive(clap::Args, Debug)]
pub struct RootArgs {
    #[command(flatten)]
    pub global: GlobalArgs,
    /// Print the version
    // An id of its own: the flag `--version <release>` of `bootstrap` is another one, and persistent.
    #[arg(id = "print-version", long = "version", short = 'v')]
    pub version: bool,
}

impl RootArgs {
    /// The root without any command.
    pub fn command(program: &'static str) -> clap::Command {
        <Self as clap::Args>::augment_args(clap::Command::new(program)).disable_version_flag(true)
    }
}

// Flags of the root command; they may be anywhere on the line.
#[derive(clap::Args, Debug, Clone)]
#[command(next_help_heading = GLOBAL)]
pub struct GlobalArgs {
    /// Kubernetes namespace that the command works in
    #[arg(long, short = 'n', global = true, add = completion::of(completion::namespaces))]
    pub namespace: Option<String>,
    /// Path of the kubeconfig file
    #[arg(long, global = true)]
    pub kubeconfig: Option<PathBuf>,
    /// Context of the kubeconfig
    #[arg(long, global = true, add = completion::of(completion::contexts))]
    pub context: Option<String>,
    /// Time limit of the whole operation
    #[arg(long, global = true, default_value = "5m0s", value_parser = go_duration)]
    pub timeout: Duration,
    /// When to use colour: auto (on a terminal), always or never; NO_COLOR and CLICOLOR_FORCE are obeyed too
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        default_value = "auto",
        value_name = "when",
        value_parser = colour,
        add = completion::words(COLOURS.map(|(word, _)| word))
    )]
    pub color: Colour,
    /// Show what is generated
    #[arg(long, global = true, hide_short_help = true)]
    pub verbose: bool,
    /// Take the namespace from the context of the kubeconfig instead of flux-system
    #[arg(long, global = true, hide_short_help = true)]
    pub ns_follows_kube_context: bool,
    /// Cluster of the kubeconfig
    #[arg(long, help_heading = CONNECTION, global = true)]
    pub cluster: Option<String>,
    /// User of the kubeconfig
    #[arg(long, help_heading = CONNECTION, global = true)]
    pub user: Option<String>,
    /// Address and port of the API server
    #[arg(long, help_heading = CONNECTION, global = true)]
    pub server: Option<String>,
    /// Bearer token for the API server
    #[arg(long, help_heading = CONNECTION, global = true)]
    pub token: Option<Secret>,
    /// User to act as
    #[arg(long = "as", help_heading = CONNECTION, global = true, value_name = "user")]
    pub impersonate: Option<String>,
    /// Group to act as; may be repeated
    #[arg(long, help_heading = CONNECTION, global = true)]
    pub as_group: Vec<String>,
    /// UID to act as
    #[arg(long, help_heading = CONNECTION, global = true)]
    pub as_uid: Option<String>,
    /// Extra attribute of the user to act as, key=value; may be repeated
    #[arg(long, help_heading = CONNECTION, global = true, value_name = "key=value")]
    pub as_user_extra: Vec<String>,
    /// Certificate authority of the API server
    #[arg(long, help_heading = CONNECTION, global = true)]
    pub certificate_authority: Option<String>,
    /// Client certificate file
    #[arg(long, help_heading = CONNECTION, global = true)]
    pub client_certificate: Option<String>,
    /// Client key file
    #[arg(long, help_heading = CONNECTION, global = true)]
    pub client_key: Option<String>,
    /// Name expected in the API server's certificate
    #[arg(long, help_heading = CONNECTION, global = true)]
    pub tls_server_name: Option<String>,
    /// Do not verify the API server's certificate
    #[arg(long, help_heading = CONNECTION, global = true)]
    pub insecure_skip_tls_verify: bool,
    /// Do not ask for compressed answers
    #[arg(long, help_heading = CONNECTION, global = true)]
    pub disable_compression: bool,
    /// Accepted for compatibility; no discovery cache is kept
    #[arg(long, help_heading = CONNECTION, global = true)]
    pub cache_dir: Option<String>,
    /// Accepted for compatibility; requests are not throttled by the client
    #[arg(long, help_heading = CONNECTION, global = true, default_value = "50", value_parser = go_float)]
    pub kube_api_qps: f32,
    /// Accepted for compatibility; requests are not throttled by the client
    #[arg(long, help_heading = CONNECTION, global = true, default_value = "300", value_parser = go_int)]
    pub kube_api_burst: i64,
}

/// What `--color` takes.
const COLOURS: [(&str, Colour); 3] =
    [("auto", Colour::Auto), ("always", Colour::Always), ("never", Colour::Never)];

/// The value of `--color`.
///
/// # Errors
/// Another word, with those that are known.
pub fn colour(text: &str) -> Result<Colour, String> {
    let found = COLOURS.iter().find(|(word, _)| *word == text);
    found
        .map(|(_, colour)| *colour)
        .ok_or_else(|| format!("unsupported value '{text}', must be one of: auto, always, never"))
}

impl GlobalArgs {
    /// What a command works with, before the namespace is resolved.
    pub fn into_context(self, mut ui: Ui, env: Env, program: &'static str, tree: Tree) -> CommandContext {
        let access = Access {
            kubeconfig: self.kubeconfig_files(&env),
            kubeconfig_was_given: self.given_kubeconfig().is_some(),
            context: filled(self.context),
            cluster: filled(self.cluster),
            user: filled(self.user),
            server: filled(self.server),
            token: self.token,
            impersonate: filled(self.impersonate),
            impersonate_groups: self.as_group,
            impersonate_uid: filled(self.as_uid),
            impersonate_extra: self.as_user_extra.into_iter().filter(|pair| !pair.is_empty()).collect(),
            certificate_authority: filled(self.certificate_authority),
            client_certificate: filled(self.client_certificate),
            client_key: filled(self.client_key),
            tls_server_name: filled(self.tls_server_name),
            insecure_skip_tls_verify: self.insecure_skip_tls_verify,
            disable_compression: self.disable_compression,
            proxy: proxy_variables(&env),
            now: Some(current_time),
            answer_limit: Some(self.timeout),
        };
        let namespace = default_namespace(&env, &ui);
        ui.invoked_as(invocation(program, &access, &env, &namespace));
        CommandContext {
            namespace,
            access,
            ui,
            env,
            program,
            tree,
            timeout: self.timeout,
            deadline: Deadline::after(self.timeout),
            timeout_was_given: false,
            verbose: self.verbose,
            poll: Duration::from_secs(2),
            now: current_time,
        }
    }

    fn given_kubeconfig(&self) -> Option<&PathBuf> {
        self.kubeconfig.as_ref().filter(|path| !path.as_os_str().is_empty())
    }

    fn kubeconfig_files(&self, env: &Env) -> Vec<PathBuf> {
        if let Some(path) = self.given_kubeconfig() {
            return vec![path.clone()];
        }
        if let Some(list) = env.non_empty("KUBECONFIG") {
            return std::env::split_paths(list).filter(|path| !path.as_os_str().is_empty()).collect();
        }
        env.non_empty("HOME").map(|home| PathBuf::from(home).join(".kube/config")).into_iter().collect()
    }
}

/// As everywhere in Go, an empty value counts as not set: scripts pass variables that may not be set.
fn filled(value: Option<String>) -> Option<String> {
    value.filter(|value| !value.is_empty())
}

fn proxy_variables(env: &Env) -> ProxyVariables {
    let either = |upper: &str, lower: &str| {
        env.non_empty(upper).or_else(|| env.non_empty(lower)).unwrap_or_default().to_owned()
    };
    ProxyVariables {
        https: either("HTTPS_PROXY", "https_proxy"),
        http: either("HTTP_PROXY", "http_proxy"),
        no: either("NO_PROXY", "no_proxy"),
    }
}

/// What a command in a hint needs, beside its words, to do the same thing in the same cluster.
fn invocation(program: &'static str, access: &Access, env: &Env, namespace: &str) -> Invocation {
    let follows = env.non_empty("FLUX_NS_FOLLOWS_KUBE_CONTEXT").is_some();
    let namespace = follows.then(|| access.context_namespace()).flatten().unwrap_or(namespace.to_owned());
    let kubeconfig = access.kubeconfig.first().filter(|_| access.kubeconfig_was_given);
    let flags = [
        ("kubeconfig", kubeconfig.map(|path| path.display().to_string())),
        ("context", access.context.clone()),
        ("cluster", access.cluster.clone()),
        ("user", access.user.clone()),
        ("server", access.server.clone()),
        ("as", access.impersonate.clone()),
    ];
    let flags = flags.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    Invocation { program, namespace, flags }
}

/// The namespace without `--namespace`: `FLUX_SYSTEM_NAMESPACE` where that is a DNS label, else `flux-system`.
fn default_namespace(env: &Env, ui: &Ui) -> String {
    match env.non_empty("FLUX_SYSTEM_NAMESPACE") {
        Some(name) if is_dns_label(name) => name.to_owned(),
        Some(name) => {
            // With two blanks, as upstream.
            ui.warning(format!(" ignoring invalid FLUX_SYSTEM_NAMESPACE: {}", crate::text::quoted(name)));
            "flux-system".to_owned()
        }
        None => "flux-system".to_owned(),
    }
}

/// Whether a text is a DNS-1123 label: 1 to 63 lower-case letters, digits and inner dashes.
pub fn is_dns_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let bytes = text.as_bytes();
    (1..=63).contains(&bytes.len())
        && bytes.iter().copied().all(inner)
        && bytes[0] != b'-'
        && bytes[bytes.len() - 1] != b'-'
}

#[expect(clippy::disallowed_methods, reason = "this is the clock that is handed out")]
fn current_time() -> jiff::Zoned {
    jiff::Zoned::now()
}
