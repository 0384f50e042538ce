//! What a kubeconfig, its credentials and the flags over it can say.

use crate::scenarios::cluster;
use crate::support::Cli;
use crate::support::Web;
use crate::support::kubeconfig_of;
use base64::Engine;
use rustls::pki_types::PrivateKeyDer;
use serde_json::Value;
use serde_json::json;
use std::io::Read;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

#[test]
fn an_api_server_is_told_the_name_that_flux_has_in_managed_fields() {
    let web = Web::start(|_| Some((404, b"{}".to_vec())));
    let cli = Cli::new().with_kubeconfig(&kubeconfig_of(web.url.trim_start_matches("http://")));
    for line in [
        "get ks",
        "suspend ks app",
        "create source git app --url=https://git.example.com/app --branch=main",
        "install",
        "migrate",
        "logs",
    ] {
        let before = web.seen().len();
        cli.run(&line.split(' ').collect::<Vec<_>>());
        let asked = &web.seen()[before..];
        let agents: Vec<_> = asked.iter().map(|asked| asked.headers.get("user-agent")).collect();
        let is_flux = |agent: &Option<&String>| agent.is_some_and(|agent| agent.starts_with("flux/"));
        assert!(!agents.is_empty() && agents.iter().all(is_flux), "{line}: {agents:?}");
    }
}

/// A kubeconfig for that server, with these fields of the user and the cluster.
pub(crate) fn config(server: &str, user: Value, cluster: Value) -> Value {
    let mut whole = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "test",
        "clusters": [{"name": "here", "cluster": {"server": server}}],
        "users": [{"name": "tester", "user": user}],
        "contexts": [{"name": "test", "context": {"cluster": "here", "user": "tester"}}],
    });
    json_patch::merge(&mut whole["clusters"][0]["cluster"], &cluster);
    whole
}

/// Answers one request over TLS with 401: its address, the certificate to trust in Base64, and the head of the request.
fn head_of_a_request() -> (String, String, std::thread::JoinHandle<String>) {
    let certified = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let authority = base64::engine::general_purpose::STANDARD.encode(certified.cert.pem());
    let key = PrivateKeyDer::Pkcs8(certified.signing_key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut stream =
            rustls::StreamOwned::new(rustls::ServerConnection::new(Arc::new(tls)).unwrap(), stream);
        let (mut head, mut bytes) = (Vec::new(), [0; 4096]);
        while !head.windows(4).any(|end| end == b"\r\n\r\n") {
            let count = stream.read(&mut bytes).unwrap();
            assert!(count > 0, "the request was cut");
            head.extend_from_slice(&bytes[..count]);
        }
        stream
            .write_all(b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            .unwrap();
        stream.conn.send_close_notify();
        let _ = stream.flush();
        String::from_utf8_lossy(&head).to_lowercase()
    });
    (url, authority, thread)
}

/// The head of what is sent with this user and these flags.
fn sent(user: Value, flags: &[&str], prepare: impl FnOnce(&Cli)) -> String {
    let (url, authority, head) = head_of_a_request();
    let trusted = json!({"certificate-authority-data": authority});
    let cli = Cli::new().with_kubeconfig(&config(&url, user, trusted).to_string());
    prepare(&cli);
    let line: Vec<&str> = ["get", "ks"].into_iter().chain(flags.iter().copied()).collect();
    let seen = cli.run(&line);
    assert!(seen.failed().contains("the credentials were refused"), "{seen:?}");
    head.join().unwrap()
}

fn script(cli: &Cli, name: &str, text: &str) {
    let path = cli.home.path().join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn every_sort_of_credentials_reaches_the_server() {
    let nothing = |_: &Cli| ();
    assert!(sent(json!({"token": "abc"}), &[], nothing).contains("\r\nauthorization: bearer abc\r\n"));
    assert!(
        sent(json!({"token": ""}), &["--token=flag"], nothing).contains("\r\nauthorization: bearer flag\r\n")
    );
    assert!(
        !sent(json!({"token": "", "username": "", "password": ""}), &[], nothing).contains("authorization")
    );
    let basic = sent(json!({"username": "ada", "password": "x:y"}), &[], nothing);
    assert!(basic.contains(&"\r\nauthorization: basic YWRhOng6eQ==\r\n".to_lowercase()), "{basic}");
    let file = sent(json!({"tokenFile": "token"}), &[], |cli| {
        std::fs::write(cli.home.path().join(".kube/token"), "from-file\n").unwrap();
    });
    assert!(file.contains("\r\nauthorization: bearer from-file\r\n"), "{file}");
    // Of the kubeconfig's two the file counts, and what the command line says before both.
    for (flags, wanted) in [(&[][..], "from-file"), (&["--token=flag"], "flag")] {
        let both = sent(json!({"tokenFile": "token", "token": "abc"}), flags, |cli| {
            std::fs::write(cli.home.path().join(".kube/token"), "from-file\n").unwrap();
        });
        assert!(both.contains(&format!("\r\nauthorization: bearer {wanted}\r\n")), "{both}");
    }
    let acting = sent(
        json!({"as": "bob"}),
        &["--as-group=a", "--as-group=b", "--as-uid=7", "--as-user-extra=example.com/x=1"],
        nothing,
    );
    for header in ["user: bob", "group: a", "group: b", "uid: 7", "extra-example.com%2fx: 1"] {
        assert!(acting.contains(&format!("\r\nimpersonate-{header}\r\n")), "{header}: {acting}");
    }
}

#[test]
fn token_files_that_cannot_be_used_are_named() {
    let run = |user: Value| {
        let cli = Cli::new();
        std::fs::create_dir(cli.home.path().join(".kube")).unwrap();
        std::fs::write(cli.home.path().join(".kube/token"), "a-token").unwrap();
        let config = config("https://127.0.0.1:1", user, json!({})).to_string();
        std::fs::write(cli.home.path().join(".kube/config"), config).unwrap();
        cli.run(&["get", "ks"]).failed().to_owned()
    };
    assert_eq!(run(json!({"tokenFile": "/nope"})), "✗ open /nope: no such file or directory\n");
    assert_eq!(run(json!({"tokenFile": "/tmp"})), "✗ read /tmp: is a directory\n");
    assert_eq!(
        run(json!({"tokenFile": "token", "username": "ada", "password": "x"})),
        "✗ kubernetes client initialization failed: username/password or bearer token may be set, but not both\n"
    );
}

#[test]
fn invalid_certificates_and_keys_are_refused_before_anything_is_sent() {
    let run = |user: Value, cluster: Value| {
        let cli = Cli::new().with_kubeconfig(&config("https://127.0.0.1:1", user, cluster).to_string());
        cli.run(&["get", "ks"]).failed().to_owned()
    };
    let none = json!({});
    let no_base64 = run(json!({"client-certificate-data": "!!!", "client-key-data": "YQ=="}), none.clone());
    assert!(no_base64.ends_with("\": illegal base64 data at input byte 0\n"), "{no_base64}");
    let begin = "✗ kubernetes client initialization failed: ";
    assert_eq!(
        run(json!({"client-certificate-data": "YQ==", "client-key-data": "YQ=="}), none.clone()),
        format!("{begin}tls: failed to find any PEM data in certificate input\n")
    );
    let certificate = run(none.clone(), json!({"certificate-authority-data": "YQ=="}));
    let words = "unable to load root certificates: unable to parse bytes as PEM block";
    assert_eq!(certificate, format!("{begin}{words}\n"));
    assert_eq!(
        run(none.clone(), json!({"tls-server-name": "a b"})),
        "✗ the tls-server-name \"a b\" is not the name of a host\n"
    );
    let gone = run(json!({"auth-provider": {"name": "gcp"}}), none);
    assert!(gone.starts_with(&format!("{begin}The gcp auth plugin has been removed.\nhint: ")), "{gone}");
}

#[test]
fn credentials_are_not_sent_in_the_clear() {
    let server = cluster();
    let user = json!({"token": "abc\n", "exec": {"command": "nope", "apiVersion": "client.authentication.k8s.io/v1beta1"}});
    Cli::new()
        .with_kubeconfig(&config(&server.url(), user, json!({})).to_string())
        .run(&["get", "ks"])
        .succeeded();
}

#[test]
fn a_credential_plugin_is_run_once_with_its_arguments_and_variables() {
    let version = "client.authentication.k8s.io/v1";
    let exec = json!({"exec": {
        "command": "./plugin", "apiVersion": version, "args": ["one", "two words"], "interactiveMode": "Never",
        "env": [{"name": "WHO", "value": "ada"}, {"name": "EMPTY", "value": ""}],
    }});
    let head = sent(exec, &[], |cli| {
        let answer =
            format!(r#"{{"apiVersion":"{version}","kind":"ExecCredential","status":{{"token":"%s"}}}}"#);
        script(
            cli,
            ".kube/plugin",
            &format!("echo run >> \"$HOME/runs\"\nprintf '{answer}' \"$WHO-$2-${{EMPTY-unset}}\" | tr ' ' _"),
        );
    });
    assert!(head.contains("\r\nauthorization: bearer ada-two_words-\r\n"), "{head}");
}

#[test]
fn a_plugin_that_does_not_give_credentials_is_named_with_what_helps() {
    let version = "client.authentication.k8s.io/v1";
    let run = |exec: Value, text: &str| {
        let mut user =
            json!({"exec": {"command": "./plugin", "apiVersion": version, "interactiveMode": "Never"}});
        json_patch::merge(&mut user["exec"], &exec);
        let cli = Cli::new().with_kubeconfig(&config("https://127.0.0.1:1", user, json!({})).to_string());
        script(&cli, ".kube/plugin", text);
        cli.run(&["get", "ks"])
    };
    let missing = run(json!({"command": "fleet-login", "installHint": "brew install\nfleet-login"}), "");
    assert_eq!(
        missing.failed(),
        "✗ getting credentials: exec: executable fleet-login not found\nhint: brew install\n"
    );
    let missing = run(json!({"command": "fleet-login"}), "");
    assert!(
        missing.failed().contains("hint: the kubeconfig logs in with this credential plugin: install it"),
        "{missing:?}"
    );
    for (exec, text, says) in [
        (json!({}), "echo no >&2; exit 3", "failed with exit code 3"),
        (json!({}), "echo s3cret", "decoding stdout: it is not an ExecCredential"),
        (json!({}), "echo '{apiVersion: v1, status: {token: s3cret}}'", "plugin returned version v1"),
        (json!({}), "kill -9 $$", "failed with exit code -1"),
        (json!({"apiVersion": "v7"}), "", "exec plugin: invalid apiVersion \"v7\""),
        (
            json!({"apiVersion": null}),
            "",
            "apiVersion must be specified for tester to use exec authentication plugin",
        ),
        (json!({"command": ""}), "", "command must be specified for tester"),
        (json!({"interactiveMode": null}), "", "interactiveMode must be specified for tester"),
        (json!({"interactiveMode": "Always"}), "", "exec plugin cannot support interactive mode"),
        (json!({"env": [{"value": "x"}]}), "", "env variable name must be specified for tester"),
        (json!({"command": "/tmp"}), "", "exec: executable /tmp cannot be started"),
    ] {
        let seen = run(exec.clone(), text);
        assert!(seen.failed().contains(says) && !seen.err.contains("s3cret"), "{exec} {text}: {seen:?}");
    }
}

#[test]
fn what_is_chosen_and_not_there_is_named() {
    let server = cluster();
    let cli = Cli::against(&server);
    for (flags, says) in [
        (&["--user=nope"][..], "✗ auth info \"nope\" does not exist\nhint: "),
        (&["--cluster=nope"], "✗ cluster \"nope\" does not exist\nhint: "),
        (&["--context=nope"], "✗ context \"nope\" does not exist\nhint: "),
        (
            &["--as-uid=7"],
            "✗ invalid configuration: requesting uid, groups or user-extra for tester without impersonating a user\n",
        ),
        (
            &["--as-user-extra=a=b"],
            "✗ invalid configuration: requesting uid, groups or user-extra for tester",
        ),
        (&["--as-group=a"], "✗ invalid configuration: requesting uid, groups or user-extra for tester"),
        (
            &["--certificate-authority=/nope"],
            "unable to read certificate-authority /nope for here due to open /nope: no such file or directory",
        ),
        (
            &["--client-certificate=/nope"],
            "client-key-data or client-key must be specified for tester to use the clientCert authentication method.",
        ),
        (
            &["--client-certificate=/nope", "--client-key=/nope"],
            "[unable to read client-cert /nope for tester due to open /nope: no such file or directory, unable to read client-key",
        ),
        (&["--server=http://"], "host must be a URL or a host:port pair: \"http://\""),
        (&["--server=ftp://here"], "host must be a URL or a host:port pair: \"ftp://here\""),
    ] {
        let line: Vec<&str> = ["get", "ks"].iter().chain(flags).copied().collect();
        let seen = cli.run(&line);
        assert!(seen.failed().contains(says), "{flags:?}: {seen:?}");
    }
}

#[test]
fn an_address_without_a_scheme_is_completed() {
    let server = cluster();
    let place = server.url().replace("http://", "");
    let cli = Cli::new().with_kubeconfig(&config(&place, json!({}), json!({})).to_string());
    cli.run(&["get", "ks"]).succeeded();
    Cli::against(&server).run(&["get", "ks", "--server", &place]).succeeded();
}

#[test]
fn a_proxy_that_refuses_is_blamed_itself() {
    let far = "https://cluster.example.com:6443";
    let run = |cluster: Value, variables: &[(&str, &str)]| {
        let cli = Cli::new().with_kubeconfig(&config(far, json!({}), cluster).to_string());
        let cli = variables.iter().fold(cli, |cli, (name, value)| cli.env(name, value));
        cli.run(&["get", "ks", "--timeout=5s"])
    };
    for seen in [
        run(json!({"proxy-url": "http://u:s3cret@127.0.0.1:9"}), &[]),
        run(json!({}), &[("HTTPS_PROXY", "127.0.0.1:9")]),
        run(json!({"proxy-url": "socks5://127.0.0.1:9"}), &[]),
    ] {
        assert!(seen.failed().contains(far) && seen.err.contains("the proxy "), "{seen:?}");
        assert!(
            seen.err.contains("127.0.0.1:9 cannot be reached: ") && !seen.err.contains("s3cret"),
            "{seen:?}"
        );
        assert!(seen.err.contains("hint: `kubectl config view --minify` shows the proxy-url"), "{seen:?}");
    }
    let odd = run(json!({"proxy-url": "ftp://127.0.0.1:9"}), &[]);
    assert!(
        odd.failed().contains("invalid 'proxy-url' for cluster \"here\": unsupported scheme \"ftp\""),
        "{odd:?}"
    );
    // Neither the machine itself nor what is excepted goes through a proxy of the environment.
    let server = cluster();
    Cli::against(&server).env("HTTP_PROXY", "http://127.0.0.1:9").run(&["get", "ks"]).succeeded();
    let excepted = run(json!({}), &[("HTTPS_PROXY", "127.0.0.1:9"), ("NO_PROXY", "example.com")]);
    assert!(!excepted.failed().contains("proxy"), "{excepted:?}");
}

#[test]
fn several_files_are_merged_and_the_first_one_wins() {
    let server = cluster();
    let cli = Cli::new();
    let write = |name: &str, value: Value| {
        let path = cli.home.path().join(name);
        std::fs::write(&path, value.to_string()).unwrap();
        path.display().to_string()
    };
    let first = write(
        "first",
        json!({"current-context": "test", "contexts": [{"name": "test", "context": {"cluster": "here"}}]}),
    );
    let second = write("second", config(&server.url(), json!({}), json!({})));
    let third = write("third", config("http://127.0.0.1:1", json!({}), json!({})));
    let list = [first.as_str(), "/nope", "", &second, &third].join(":");
    let cli = cli.env("KUBECONFIG", &list);
    cli.run(&["get", "ks"]).succeeded();
    let broken = cli.home.path().join("broken");
    std::fs::write(&broken, "users: [{name: a, user: {token: s3cret").unwrap();
    let other = cli.home.path().join("other");
    std::fs::write(&other, "kind: Pod\nusers: [{name: s3cret}]\n").unwrap();
    for (path, says) in [
        (broken.to_str().unwrap(), "yaml: line 1: did not find expected ',' or '}'"),
        ("/tmp", "read /tmp: is a directory"),
        (other.to_str().unwrap(), "no kind \"Pod\" is registered for version \"v1\" in scheme"),
    ] {
        let seen = cli.run(&["get", "ks", "--kubeconfig", path]);
        let begin = format!("✗ error loading config file \"{path}\": ");
        assert!(
            seen.failed().starts_with(&begin) && seen.err.contains(says) && !seen.err.contains("s3cret"),
            "{seen:?}"
        );
    }
}
