//! Kubeconfig files as client-go reads them: what is empty is not set, paths begin at the file, names are unique, and what does not fit
//! together is refused in its words. Errors never quote values, which may be credentials.

use crate::text::yaml;
use anyhow::Context;
use kube::config::AuthInfo;
use kube::config::Cluster;
use kube::config::Kubeconfig;
use serde_json::Value;
use std::collections::HashSet;
use std::fs::File;
use std::path::Path;

/// One file.
///
/// # Errors
/// A file that cannot be read or is not a kubeconfig, named.
pub fn read(path: &Path) -> anyhow::Result<Kubeconfig> {
    let doing = || format!("error loading config file \"{}\"", path.display());
    let bytes = crate::text::read(path).with_context(doing)?;
    parse(&yaml::text(bytes, "it").with_context(doing)?, path.parent()).with_context(doing)
}

/// Parses a kubeconfig; relative paths in it begin at `folder`.
///
/// # Errors
/// A text that is not a kubeconfig.
pub fn parse(text: &str, folder: Option<&Path>) -> anyhow::Result<Kubeconfig> {
    // As client-go, only the first document counts.
    let documents = yaml::documents(text, "").map_err(|bad| anyhow::anyhow!("yaml: {}", bad.reason))?;
    let Some(mut document) = documents.into_iter().next() else { return Ok(Kubeconfig::default()) };
    anyhow::ensure!(document.is_object(), "{}", no_object(&document));
    let word = |key: &str, default| document[key].as_str().filter(|word| !word.is_empty()).unwrap_or(default);
    let (version, kind) = (word("apiVersion", "v1"), word("kind", "Config"));
    anyhow::ensure!(
        (version, kind) == ("v1", "Config"),
        "no kind {kind:?} is registered for version {version:?} in scheme \"pkg/runtime/scheme.go:111\""
    );
    for (list, entry, what) in
        [("clusters", "cluster", "cluster"), ("users", "user", "user"), ("contexts", "context", "context")]
    {
        settle(&mut document[list], entry, what)?;
    }
    let fields = document.as_object_mut().into_iter();
    fields.for_each(|fields| fields.retain(|_, value| !is_empty(value)));
    let mut config: Kubeconfig =
        serde_json::from_value(document).map_err(|error| anyhow::anyhow!(without_values(&error)))?;
    if let Some(folder) = folder {
        begin_paths_at(folder, &mut config);
    }
    Ok(config)
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value == ""
}

/// What client-go says of a document that is not an object.
fn no_object(document: &Value) -> String {
    let is = match document {
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::Array(_) => "array",
        _ => "string",
    };
    format!(
        "couldn't get version/kind; json parse error: json: cannot unmarshal {is} into Go value of type struct {{ \
         APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }}"
    )
}

/// The fields that are Base64.
const DATA: [&str; 3] = ["certificate-authority-data", "client-certificate-data", "client-key-data"];

/// Takes empty fields out of the entries of a list, whose names must be unique.
fn settle(list: &mut Value, entry: &str, what: &str) -> anyhow::Result<()> {
    let mut names = HashSet::new();
    for named in list.as_array_mut().into_iter().flatten() {
        let name = named["name"].as_str().unwrap_or_default().to_owned();
        if let Some(fields) = named.get_mut(entry).and_then(Value::as_object_mut) {
            fields.retain(|_, value| !is_empty(value));
            for data in fields
                .iter()
                .filter_map(|(key, value)| value.as_str().filter(|_| DATA.contains(&key.as_str())))
            {
                super::certificates::decoded(data).map_err(anyhow::Error::msg)?;
            }
            if entry == "context" {
                fields.entry("cluster").or_insert_with(|| "".into());
            }
        }
        anyhow::ensure!(names.insert(name.clone()), "duplicate {what} \"{name}\"");
    }
    Ok(())
}

/// What serde says, without what it quotes.
fn without_values(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let mut kept = String::new();
    for (at, part) in text.split(['"', '`']).enumerate() {
        kept.push_str(if at % 2 == 0 { part } else { "…" });
    }
    kept
}

/// Paths in a kubeconfig begin at its folder; commands do where they are paths.
fn begin_paths_at(folder: &Path, config: &mut Kubeconfig) {
    let begin = |path: &mut Option<String>| {
        if let Some(relative) = path.as_ref().filter(|path| Path::new(path.as_str()).is_relative()) {
            *path = folder.join(relative).to_str().map(str::to_owned).or_else(|| path.clone());
        }
    };
    for cluster in config.clusters.iter_mut().filter_map(|named| named.cluster.as_mut()) {
        begin(&mut cluster.certificate_authority);
    }
    for user in config.auth_infos.iter_mut().filter_map(|named| named.auth_info.as_mut()) {
        begin(&mut user.client_certificate);
        begin(&mut user.client_key);
        begin(&mut user.token_file);
        let command = user.exec.as_mut().map(|exec| &mut exec.command);
        if let Some(command) =
            command.filter(|command| command.as_ref().is_some_and(|word| word.contains('/')))
        {
            begin(command);
        }
    }
}

/// Refuses what client-go refuses before any request, all of it at once.
///
/// # Errors
/// `invalid configuration: …`
pub fn confirm_usable(
    (cluster_name, cluster): (&str, &Cluster),
    (user_name, user): (&str, &AuthInfo),
) -> anyhow::Result<()> {
    let mut wrong = of_user(user_name, user);
    wrong.extend(of_cluster(cluster_name, cluster));
    match &wrong[..] {
        [] => Ok(()),
        [one] => anyhow::bail!("invalid configuration: {one}"),
        several => anyhow::bail!("invalid configuration: [{}]", several.join(", ")),
    }
}

fn of_cluster(name: &str, cluster: &Cluster) -> Vec<String> {
    let mut wrong = Vec::new();
    if cluster.server.is_none() {
        wrong.push(match name {
            "" => "default cluster has no server defined".to_owned(),
            name => format!("no server found for cluster \"{name}\""),
        });
    }
    if cluster.certificate_authority.is_some() && cluster.certificate_authority_data.is_some() {
        wrong.push(format!(
            "certificate-authority-data and certificate-authority are both specified for {name}. certificate-authority-data will override."
        ));
    }
    wrong.extend(unreadable("certificate-authority", cluster.certificate_authority.as_deref(), name));
    if cluster.insecure_skip_tls_verify == Some(true)
        && (cluster.certificate_authority.is_some() || cluster.certificate_authority_data.is_some())
    {
        wrong.push("specifying a root certificates file with the insecure flag is not allowed".to_owned());
    }
    wrong
}

fn of_user(name: &str, user: &AuthInfo) -> Vec<String> {
    let mut wrong = Vec::new();
    if user.client_certificate.is_some() || user.client_certificate_data.is_some() {
        if user.client_certificate.is_some() && user.client_certificate_data.is_some() {
            wrong.push(format!(
                "client-cert-data and client-cert are both specified for {name}. client-cert-data will override."
            ));
        }
        match (&user.client_key, &user.client_key_data) {
            (Some(_), Some(_)) => wrong.push(format!(
                "client-key-data and client-key are both specified for {name}; client-key-data will override"
            )),
            (None, None) => wrong.push(format!(
                "client-key-data or client-key must be specified for {name} to use the clientCert authentication method."
            )),
            _ => {}
        }
        wrong.extend(unreadable("client-cert", user.client_certificate.as_deref(), name));
        wrong.extend(unreadable("client-key", user.client_key.as_deref(), name));
    }
    if let Some(exec) = &user.exec {
        let missing =
            |what: &str| format!("{what} must be specified for {name} to use exec authentication plugin");
        if user.auth_provider.is_some() {
            wrong.push(format!(
                "authProvider cannot be provided in combination with an exec plugin for {name}"
            ));
        }
        if exec.command.as_deref().is_none_or(str::is_empty) {
            wrong.push(missing("command"));
        }
        if exec.api_version.as_deref().is_none_or(str::is_empty) {
            wrong.push(missing("apiVersion"));
        }
        let variables = exec.env.iter().flatten();
        if variables.filter(|pair| pair.get("name").is_none_or(String::is_empty)).count() > 0 {
            wrong.push(missing("env variable name"));
        }
        let is_beta = exec.api_version.as_deref().is_some_and(|version| version.contains("beta"));
        if exec.interactive_mode.is_none() && !is_beta {
            wrong.push(missing("interactiveMode"));
        }
    }
    if user.token.is_some() && (user.username.is_some() || user.password.is_some()) {
        wrong.push(format!(
            "more than one authentication method found for {name}; found [token basicAuth], only one is allowed"
        ));
    }
    let acts = user.impersonate_uid.is_some()
        || user.impersonate_groups.as_ref().is_some_and(|groups| !groups.is_empty())
        || user.impersonate_user_extra.as_ref().is_some_and(|extra| !extra.is_empty());
    if acts && user.impersonate.is_none() {
        wrong.push(format!("requesting uid, groups or user-extra for {name} without impersonating a user"));
    }
    wrong
}

/// That a file of a cluster or user cannot be opened.
fn unreadable(what: &str, path: Option<&str>, name: &str) -> Option<String> {
    let path = path?;
    let error = File::open(path).err()?;
    let reason = match error.kind() {
        std::io::ErrorKind::NotFound => "no such file or directory".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    };
    Some(format!("unable to read {what} {path} for {name} due to open {path}: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::parse;
    use super::read;
    use std::path::Path;

    #[test]
    fn what_is_empty_is_not_set_and_paths_begin_at_the_file() {
        let text = "current-context: ''\nclusters:\n- {name: a, cluster: {server: 'https://h', certificate-authority: ca.pem, tls-server-name: ''}}\n\
            users:\n- {name: b, user: {token: '', tokenFile: ./t, client-key: '', exec: {command: ./bin/x, env: [{name: A, value: ''}]}}}\n- {name: c, user: {exec: {command: aws}}}\n\
            contexts:\n- {name: d, context: {user: b}}\n";
        let config = parse(text, Some(Path::new("/etc/kube"))).unwrap();
        let cluster = config.clusters[0].cluster.as_ref().unwrap();
        assert_eq!(cluster.certificate_authority.as_deref(), Some("/etc/kube/ca.pem"));
        assert!(cluster.tls_server_name.is_none() && config.current_context.is_none());
        let user = config.auth_infos[0].auth_info.as_ref().unwrap();
        assert!(user.token.is_none() && user.client_key.is_none());
        assert_eq!(user.token_file.as_deref(), Some("/etc/kube/./t"));
        let exec = user.exec.as_ref().unwrap();
        assert_eq!(
            (exec.command.as_deref(), exec.env.as_ref().unwrap().len()),
            (Some("/etc/kube/./bin/x"), 1)
        );
        let other = config.auth_infos[1].auth_info.as_ref().unwrap().exec.as_ref().unwrap();
        assert_eq!(other.command.as_deref(), Some("aws"));
        assert_eq!(config.contexts[0].context.as_ref().unwrap().cluster, "");
        assert!(parse("", None).unwrap().clusters.is_empty());
    }

    #[test]
    fn an_error_quotes_no_value() {
        for text in [
            "users:\n- name: a\n  user: {token: {s3cret: 1}}",
            "users:\n- name: a\n  user: {token: 5318008}",
            "users: s3cret",
            "- s3cret",
            "users:\n- name: a\n  user: {exec: {interactiveMode: s3cret}}",
            "users: [{name: a, user: {token: s3cret",
            "users:\n- name: a\n  user:\n    token: \"s3cret\n",
            "users:\n- {name: a, user: {token: s3cret}}\n- {name: a}",
        ] {
            let error = format!("{:#}", parse(text, None).unwrap_err());
            assert!(!error.contains("s3cret") && !error.contains("5318008"), "{text}: {error}");
        }
    }

    #[test]
    fn files_of_windows_are_read_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config");
        let wide: Vec<u8> = "\u{feff}current-context: ü".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [wide, "\u{feff}current-context: ü".into()] {
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(read(&path).unwrap().current_context.as_deref(), Some("ü"));
        }
        std::fs::write(&path, [0xff]).unwrap();
        let error = format!("{:#}", read(&path).unwrap_err());
        assert!(error.contains(path.to_str().unwrap()) && error.contains("UTF-8"), "{error}");
    }
}
