//! What `create` makes of its flags, without a cluster: the referee of the real tier looks at the same with the Flux CLI beside it.

use crate::support::ApiServer;
use crate::support::Cli;
use std::process::Command;

const GIT: &[&str] =
    &["create", "source", "git", "app", "--url=https://git.example.com/app", "--branch=main", "--export"];
const KUSTOMIZATION: &[&str] =
    &["create", "kustomization", "app", "--source=app", "--path=./deploy", "--export"];

/// The spec in what a line exports, as JSON.
#[track_caller]
fn spec(words: &[&str], more: &[&str]) -> serde_json::Value {
    let seen = Cli::new().run(&[words, more].concat());
    let out = seen.succeeded();
    fluxr::testing::text::yaml::documents(out, "stdout").unwrap().remove(0)["spec"].take()
}

#[track_caller]
fn refused(words: &[&str], more: &[&str]) -> String {
    let seen = Cli::new().run(&[words, more].concat());
    assert_eq!(seen.out, "", "{more:?}");
    seen.failed().to_owned()
}

#[test]
fn lists_are_csv_and_nothing_is_an_empty_list() {
    let made = spec(GIT, &["--ignore-paths=\"a,b\",c", "--ignore-paths", "d", "--sparse-checkout-paths="]);
    assert_eq!(made["ignore"], "a,b\nc\nd");
    assert!(made.get("sparseCheckout").is_none(), "{made}");
    let made = spec(KUSTOMIZATION, &["--depends-on=", "--health-check="]);
    for field in ["dependsOn", "healthChecks", "timeout"] {
        assert!(made.get(field).is_none(), "{made}");
    }
}

#[test]
fn a_dependency_may_say_when_it_is_ready() {
    let made = spec(KUSTOMIZATION, &["--depends-on=a,\"ns/db@dep.status.x == 'a@b', true\",/c,d@"]);
    assert_eq!(
        made["dependsOn"],
        serde_json::json!([
            {"name": "a"},
            {"name": "db", "namespace": "ns", "readyExpr": "dep.status.x == 'a@b', true"},
            {"name": "c"},
            {"name": "d"},
        ])
    );
}

#[test]
fn a_source_is_read_as_the_flux_cli_reads_it() {
    let none = "no Kustomization source given, please specify source that contains the Kubernetes manifests in the format \
                '[<kind>/]<name>.<namespace>', where kind must be one of: (OCIRepository, GitRepository, Bucket), \
                if kind is not specified it defaults to GitRepository";
    for (given, kind, name, namespace) in [
        ("app", "GitRepository", "app", None),
        ("app.ns", "GitRepository", "app", Some("ns")),
        ("gitrepository/a.", "GitRepository", "a", None),
        ("/app", "GitRepository", "app", None),
        ("a/b/c", "GitRepository", "a/b/c", None),
        ("Bucket/a.b.ns", "Bucket", "a.b", Some("ns")),
    ] {
        let made = spec(KUSTOMIZATION, &["--source", given]);
        let mut wanted = serde_json::json!({"kind": kind, "name": name});
        if let Some(namespace) = namespace {
            wanted["namespace"] = namespace.into();
        }
        assert_eq!(made["sourceRef"], wanted, "{given}");
    }
    for (given, said) in [
        ("", none),
        (" ", none),
        (".ns", "no name given for source of kind ''"),
        ("Bucket/", "no name given for source of kind 'Bucket'"),
        ("Bucket", "no kind specified for source 'Bucket'"),
        ("Pod/a", "source kind 'Pod' is not supported, must be one of: OCIRepository, GitRepository, Bucket"),
    ] {
        let said = format!("✗ invalid argument \"{given}\" for \"--source\" flag: {said}\n");
        assert_eq!(refused(KUSTOMIZATION, &["--source", given]), said);
    }
}

#[test]
fn a_host_is_a_url_too() {
    let made = spec(GIT, &["--url=https://git.example.com"]);
    assert_eq!(made["url"], "https://git.example.com");
    let words = ["create", "secret", "git", "host", "--export", "-u", "ada", "-p", "hunter22", "--url"];
    for url in ["https://git.example.com", "HTTP://git.example.com:8080/"] {
        let seen = Cli::new().run(&[&words[..], &[url]].concat());
        assert!(seen.succeeded().contains("username: ada\n"), "{seen:?}");
    }
}

#[test]
fn an_address_that_go_does_not_read_is_refused_in_its_words() {
    let parse = "✗ git URL parse failed: parse";
    for (url, said) in [
        (
            " https://h/r",
            format!(
                "{parse} \" https://h/r\": first path segment in URL cannot contain colon\n\
                 hint: leave out the blanks around the address\n"
            ),
        ),
        ("https://h/%zz", format!("{parse} \"https://h/%zz\": invalid URL escape \"%zz\"\n")),
        ("https://a b/r", format!("{parse} \"https://a b/r\": invalid character \" \" in host name\n")),
        (
            "https://ada:hunter22@h:x/r",
            format!("{parse} \"https://h:x/r\": invalid port \":x\" after host\n"),
        ),
        (
            "git@h:7999/p/r.git",
            format!(
                "{parse} \"git@h:7999/p/r.git\": first path segment in URL cannot contain colon\n\
                 hint: the scp form is not supported, write \"ssh://git@h:7999/p/r.git\", \
                 or \"ssh://git@h/7999/p/r.git\" if 7999 is a folder\n"
            ),
        ),
        ("ftp://h/r", "✗ git URL scheme 'ftp' not supported, can be: ssh, http and https\n".to_owned()),
        ("h/r", "✗ git URL scheme '' not supported, can be: ssh, http and https\n".to_owned()),
    ] {
        assert_eq!(refused(GIT, &["--url", url]), said);
    }
}

#[test]
fn a_label_is_refused_in_the_words_of_kubernetes() {
    let name = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric \
                character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is \
                '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
    for (label, said) in [
        ("a=b,", "invalid label format '', must be key=value".to_owned()),
        ("a=b=c", "invalid label format 'a=b=c', must be key=value".to_owned()),
        ("a b=c", format!("invalid label 'a b': [{name}]")),
        ("=c", format!("invalid label '': [name part must be non-empty {name}]")),
    ] {
        assert_eq!(refused(GIT, &["--label", label]), format!("✗ {said}\n"));
    }
}

#[test]
fn a_key_that_the_controller_cannot_read_is_refused_before_anything_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("key");
    let path = file.to_str().unwrap();
    let key_flag = format!("--private-key-file={path}");
    let words = ["create", "secret", "git", "app", "--url=ssh://git@127.0.0.1:1/r", "--export", &key_flag];
    let without_passphrase = format!(
        "hint: Flux reads no PKCS#8 key with a passphrase: `openssl pkey -in {path} -out {path}.plain` writes it without one, \
         then leave --password and GIT_PASSWORD out\n"
    );
    let made = |line: &str| {
        let _ = std::fs::remove_file(&file);
        let line = line.replace("FILE", path);
        Command::new("sh").args(["-c", &line]).output().is_ok_and(|made| made.status.success())
    };
    for (line, more, said) in [
        (
            "ssh-keygen -q -t ed25519 -N wrong -f FILE",
            vec![],
            format!(
                "ssh: this private key is passphrase protected\nhint: give the passphrase of \"{path}\" with --password\n"
            ),
        ),
        (
            "ssh-keygen -q -t ed25519 -N right -f FILE",
            // Of a word that the message has as well.
            vec!["--password=password"],
            format!(
                "x509: decryption password incorrect\nhint: --password does not open \"{path}\", or the file is damaged\n"
            ),
        ),
        (
            "ssh-keygen -q -t ed25519 -N '' -f FILE",
            vec!["--password=x"],
            format!(
                "ssh: key is not password protected\nhint: leave --password and GIT_PASSWORD out: \"{path}\" has no passphrase\n"
            ),
        ),
        (
            "openssl ecparam -genkey -name prime256v1 -out FILE",
            vec![],
            format!(
                "ssh: unsupported key type \"EC PARAMETERS\"\n\
                 hint: Flux does not read a key in this form: `ssh-keygen -p -f {path}` writes it in another one\n"
            ),
        ),
        (
            "openssl genpkey -algorithm ed25519 | openssl pkcs8 -topk8 -passout pass:right -out FILE",
            vec![],
            format!("ssh: unsupported key type \"ENCRYPTED PRIVATE KEY\"\n{without_passphrase}"),
        ),
        (
            "openssl genrsa 2048 | openssl pkcs8 -topk8 -passout pass:right -out FILE",
            vec!["--password=right"],
            format!("ssh: not an encrypted key\n{without_passphrase}"),
        ),
    ] {
        if made(line) {
            assert_eq!(refused(&words, &more), format!("✗ {said}"), "{line}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn known_hosts_in_a_secret_end_without_a_newline() {
    use fluxr::testing::git::ssh::KeyAlgorithm;
    use fluxr::testing::git::ssh::KeyPair;
    let repositories = crate::git::server::Repositories::new();
    let key = KeyPair::generate(KeyAlgorithm::Ed25519).unwrap();
    let host = russh::keys::decode_secret_key(key.identity.reveal(), None).unwrap();
    let at = crate::git::ssh_server::serve_ssh(repositories.root(), vec![host], Vec::new()).await;
    let url = format!("--url=ssh://git@{at}");
    let line = ["create", "secret", "git", "app", &url, "--export", "--ssh-key-algorithm=ed25519"];
    let seen = tokio::task::block_in_place(|| Cli::new().run(&line));
    let secret = fluxr::testing::text::yaml::documents(seen.succeeded(), "stdout").unwrap().remove(0);
    let known = secret["stringData"]["known_hosts"].as_str().unwrap();
    assert_eq!(known, format!("[127.0.0.1]:{} {}", at.port(), key.public.trim()));
    // The deploy key ends its own line, as in the Flux CLI.
    let server = ApiServer::with_flux();
    let line = ["create", "secret", "git", "app", &url, "--ssh-key-algorithm=ed25519"];
    let seen = tokio::task::block_in_place(|| Cli::against(&server).run(&line));
    seen.succeeded();
    let lines: Vec<&str> = seen.err.lines().collect();
    assert!(lines[0].starts_with("✚ deploy key: ssh-ed25519 "), "{seen:?}");
    assert_eq!(lines[1..], ["", "► git secret 'app' created in 'flux-system' namespace"]);
}
