//! `create secret …`: what is in the Secrets, and what is refused before anything is written.

use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::Fault;
use serde_json::Value;
use serde_json::json;
use std::path::Path;
use std::process::Command;

pub(crate) const POLICY: &str = r#"{"version": "1.0", "trustPolicies": [{"name": "all", "registryScopes": ["*"],
    "signatureVerification": {"level": "strict"}, "trustStores": ["ca:acme"], "trustedIdentities": ["*"]}]}"#;

/// What a line exports, without the dashes before it.
#[track_caller]
fn exported(cli: &Cli, words: &[&str]) -> String {
    let seen = cli.run(&[&["create", "secret"], words, &["--export"]].concat());
    assert_eq!(seen.err, "", "{words:?}");
    seen.succeeded().strip_prefix("---\n").unwrap().to_owned()
}

#[track_caller]
fn refused(cli: &Cli, words: &[&str]) -> String {
    let seen = cli.run(&[&["create", "secret"], words, &["--export"]].concat());
    assert_eq!(seen.out, "", "{words:?}");
    seen.failed().trim_start_matches("✗ ").trim_end().to_owned()
}

/// Makes certificates and keys: `rsa`, `ec` and `ed`, and an EC key after its parameters.
fn certificates(folder: &Path) {
    let made = |line: &str| {
        let ended = Command::new("sh").args(["-c", line]).current_dir(folder).output().unwrap();
        assert!(ended.status.success(), "{line}: {ended:?}");
    };
    for (name, kind) in
        [("rsa", "rsa:2048"), ("ec", "ec -pkeyopt ec_paramgen_curve:prime256v1"), ("ed", "ed25519")]
    {
        made(&format!(
            "openssl req -x509 -newkey {kind} -nodes -keyout {name}.key -out {name}.crt -days 2 -subj /CN={name}"
        ));
    }
    made("openssl ecparam -genkey -name prime256v1 -out parameters.key");
    made("openssl req -x509 -key parameters.key -out parameters.crt -days 2 -subj /CN=p");
    made("openssl rsa -in rsa.key -traditional -out old.key");
    made("openssl req -x509 -newkey rsa:2048 -nodes -keyout other.key -out other.crt -days 2 -subj /CN=o");
    made("openssl rsa -in rsa.key -aes128 -traditional -passout pass:hunter22 -out locked.key");
    std::fs::write(folder.join("text"), "no certificate\n").unwrap();
    std::fs::write(folder.join("empty"), "").unwrap();
}

#[test]
fn every_secret_has_the_type_and_the_fields_that_flux_gives_it() {
    let cli = Cli::new();
    std::fs::write(cli.home().join("ca.crt"), "authority\n").unwrap();
    std::fs::write(cli.home().join("app.pem"), "key\n").unwrap();
    std::fs::write(cli.home().join("policy.json"), POLICY).unwrap();
    let head = "apiVersion: v1\nkind: Secret\nmetadata:\n";
    let plain = "  name: app\n  namespace: flux-system\n";
    let labelled = format!("  labels:\n    team: web\n{plain}");
    for (words, metadata, rest) in [
        (
            "tls app --ca-crt-file=ca.crt --label=team=web",
            labelled.as_str(),
            "stringData:\n  ca.crt: |\n    authority\ntype: Opaque\n",
        ),
        ("helm app", plain, "\n"),
        (
            "helm app -u ada -p hunter22 --ca-crt-file=ca.crt --label=team=web",
            &labelled,
            "stringData:\n  ca.crt: |\n    authority\n  password: hunter22\n  username: ada\ntype: kubernetes.io/basic-auth\n\n",
        ),
        ("helm app --ca-crt-file=ca.crt", plain, "stringData:\n  ca.crt: |\n    authority\ntype: Opaque\n\n"),
        (
            // The label is left out, as in the Flux CLI.
            "oci app --url=ghcr.io/acme -u ada -p a<b --label=team=web",
            plain,
            "stringData:\n  .dockerconfigjson: |-\n    {\n      \"auths\": {\n        \"ghcr.io/acme\": {\n          \
             \"username\": \"ada\",\n          \"password\": \"a\\u003cb\",\n          \"auth\": \"YWRhOmE8Yg==\"\n        }\n      \
             }\n    }\ntype: kubernetes.io/dockerconfigjson\n\n",
        ),
        ("proxy app --address=h:80", plain, "stringData:\n  address: h:80\ntype: Opaque\n\n"),
        (
            "proxy app --address=https://h -u ada -p hunter22",
            plain,
            "stringData:\n  address: https://h\n  password: hunter22\n  username: ada\ntype: Opaque\n\n",
        ),
        (
            "githubapp app --app-id=1 --app-installation-owner=acme --app-private-key=app.pem --app-base-url=https://h",
            plain,
            "stringData:\n  githubAppBaseURL: https://h\n  githubAppID: \"1\"\n  githubAppInstallationOwner: acme\n  \
             githubAppPrivateKey: |\n    key\ntype: Opaque\n\n",
        ),
    ] {
        let words: Vec<&str> = words.split(' ').collect();
        assert_eq!(exported(&cli, &words), format!("{head}{metadata}{rest}"), "{words:?}");
    }
    let words = ["notation", "app", "--trust-policy-file=policy.json", "--ca-cert-file=ca.crt,./ca.crt"];
    let made = fluxr::testing::text::yaml::documents(&exported(&cli, &words), "stdout").unwrap().remove(0);
    assert_eq!(made["stringData"], json!({"ca.crt": "authority\n", "trustpolicy.json": POLICY}));
    assert_eq!(made.get("type"), None);
}

#[test]
fn the_webhook_of_a_receiver_follows_from_its_token() {
    let cli = Cli::new();
    let words =
        ["receiver", "app", "--type=gcr", "--hostname=flux.example.com", "--email-claim=a@example.com"];
    let given = exported(&cli, &[&words[..], &["--token=abcd"]].concat());
    let path = "/hook/a4c3500bcd831ec920ea217b498d8e6cbfc83ef50db24954aefd4b0905c900be";
    let made =
        |text: &str| -> Value { fluxr::testing::text::yaml::documents(text, "stdout").unwrap().remove(0) };
    let url = format!("https://flux.example.com{path}");
    let wanted = json!({"token": "abcd", "email": "a@example.com", "audience": url});
    assert_eq!(made(&given)["stringData"], wanted);
    assert_eq!(made(&given)["metadata"]["annotations"]["notification.toolkit.fluxcd.io/webhook"], url);
    let token = |text: &str| made(text)["stringData"]["token"].as_str().unwrap().to_owned();
    let (first, second) = (token(&exported(&cli, &words)), token(&exported(&cli, &words)));
    assert!(first.len() == 64 && first != second, "{first} {second}");
    // The flag of the command hides that of the whole program, wherever it is.
    let before = cli.run(&[&["--token=abcd", "create", "secret"], &words[..], &["--export"]].concat());
    assert_eq!(before.succeeded(), format!("---\n{given}"));
}

#[test]
fn a_certificate_must_have_its_key() {
    let cli = Cli::new();
    certificates(cli.home());
    let pair = |certificate: &str, key: &str| {
        let flags = [format!("--tls-crt-file={certificate}"), format!("--tls-key-file={key}")];
        ["tls", "helm"].map(|what| {
            let seen = cli.run(&["create", "secret", what, "app", &flags[0], &flags[1], "--export"]);
            (seen.code, if seen.code == 0 { seen.out } else { seen.err })
        })
    };
    for (certificate, key) in [
        ("rsa.crt", "rsa.key"),
        ("ec.crt", "ec.key"),
        ("ed.crt", "ed.key"),
        ("rsa.crt", "old.key"),
        ("parameters.crt", "parameters.key"),
    ] {
        for (code, text) in pair(certificate, key) {
            assert_eq!(code, 0, "{certificate} {key}: {text}");
            assert!(text.contains("\ntype: kubernetes.io/tls\n"), "{text}");
        }
    }
    let invalid = "invalid TLS certificate and key pair: tls: ";
    let types = "private key type does not match public key type";
    for (certificate, key, said) in [
        ("rsa.crt", "ec.key", format!("{invalid}{types}")),
        ("ed.crt", "rsa.key", format!("{invalid}{types}")),
        ("rsa.crt", "other.key", format!("{invalid}private key does not match public key")),
        ("ec.crt", "parameters.key", format!("{invalid}private key does not match public key")),
        ("rsa.crt", "locked.key", format!("{invalid}failed to parse private key")),
        ("text", "rsa.key", format!("{invalid}failed to find any PEM data in certificate input")),
        ("rsa.crt", "text", format!("{invalid}failed to find any PEM data in key input")),
        (
            "rsa.key",
            "rsa.crt",
            format!(
                "{invalid}failed to find certificate PEM data in certificate input, but did find a private key; \
                 PEM inputs may have been switched"
            ),
        ),
        (
            "rsa.crt",
            "rsa.crt",
            format!("{invalid}found a certificate rather than a key in the PEM for the private key"),
        ),
        (
            "parameters.key",
            "rsa.key",
            format!(
                "{invalid}failed to find \"CERTIFICATE\" PEM block in certificate input after skipping PEM blocks \
                 of the following types: [EC PARAMETERS EC PRIVATE KEY]"
            ),
        ),
        ("empty", "rsa.key", "found private key but missing certificate".to_owned()),
        ("rsa.crt", "empty", "found certificate but missing private key".to_owned()),
        ("empty", "empty", "no CA certificate or client certificate pair found".to_owned()),
        (
            "nowhere",
            "rsa.key",
            "failed to read cert file: open nowhere: no such file or directory".to_owned(),
        ),
        ("rsa.crt", ".", "failed to read key file: read .: is a directory".to_owned()),
    ] {
        let [tls, helm] = pair(certificate, key);
        assert_eq!(tls, (1, format!("✗ {said}\n")), "{certificate} {key}");
        // Without a pair, Helm needs no Secret with anything in it.
        assert!(helm == tls || (certificate, key) == ("empty", "empty"), "{helm:?}");
    }
}

#[test]
fn what_is_missing_or_wrong_is_reported_in_the_words_of_flux() {
    let cli = Cli::new();
    std::fs::write(cli.home().join("key"), "key").unwrap();
    std::fs::write(cli.home().join("empty"), "").unwrap();
    for (words, said) in [
        ("helm app -u ada", "password is required"),
        ("helm app -p hunter22", "username is required"),
        ("oci app -u ada -p hunter22", "--url is required"),
        ("oci app --url=ghcr.io/acme -p hunter22", "--username is required"),
        ("oci app --url=ghcr.io/acme -u ada", "--password is required"),
        (
            "oci app --url=ghcr.io/Acme -u ada -p hunter22",
            "error parsing url: 'could not parse reference: ghcr.io/Acme'",
        ),
        ("proxy app", "address is required"),
        (
            "proxy app --address=http://ada:hunter22@h:x",
            "invalid proxy address: parse \"http://h:x\": invalid port \":x\" after host",
        ),
        ("githubapp app", "unable to read private key file: open : no such file or directory"),
        ("githubapp app --app-private-key=key", "githubAppID is required"),
        ("githubapp app --app-private-key=empty --app-id=1", "githubAppPrivateKey is required"),
        (
            "githubapp app --app-private-key=key --app-id=1",
            "exactly one of githubAppInstallationOwner or githubAppInstallationID must be provided",
        ),
        (
            "githubapp app --app-private-key=key --app-id=1 --app-installation-owner=a --app-installation-id=2",
            "exactly one of githubAppInstallationOwner or githubAppInstallationID must be provided",
        ),
        ("receiver app", "--type is required"),
        ("receiver app --type=github", "--hostname is required"),
        ("receiver app --type=gcr --hostname=h", "--email-claim is required for gcr receiver type"),
        (
            "receiver app --type=generic-oidc --hostname=h",
            "invalid argument \"generic-oidc\" for \"--type\" flag: receiver type 'generic-oidc' is not supported, must be one of: \
             generic, generic-hmac, github, gitlab, bitbucket, harbor, dockerhub, quay, gcr, nexus, acr, cdevents",
        ),
        ("notation app", "--ca-cert-file is required"),
        ("notation app --ca-cert-file=a.crt", "--trust-policy-file is required"),
        (
            "notation app --ca-cert-file=a.crt --trust-policy-file=none",
            "unable to read trust policy file: open none: no such file or directory",
        ),
        (
            "tls a --ca-crt-file=key",
            "name 'a' is invalid, it should adhere to standard defined in RFC 1123, \
             the name can only contain alphanumeric characters or '-'",
        ),
        ("tls", "name is required"),
        ("tls app --label=x --ca-crt-file=key", "invalid label format 'x', must be key=value"),
    ] {
        let words: Vec<&str> = words.split(' ').collect();
        assert_eq!(refused(&cli, &words), said, "{words:?}");
    }
}

/// What is wrong with a trust policy, or with the files beside it.
#[track_caller]
fn judged(policy: &str, files: &str) -> String {
    let cli = Cli::new();
    std::fs::write(cli.home().join("a.crt"), "x").unwrap();
    std::fs::write(cli.home().join("policy.json"), policy).unwrap();
    refused(&cli, &["notation", "app", "--trust-policy-file=policy.json", "--ca-cert-file", files])
}

#[test]
fn a_document_of_trust_policies_is_judged_by_the_rules_of_notation() {
    for (policy, said) in [
        (String::new(), "failed to unmarshal trust policy policy.json: unexpected end of JSON input".to_owned()),
        (
            "{\"version\": 1}".to_owned(),
            "failed to unmarshal trust policy policy.json: json: cannot unmarshal number into Go struct field \
             Document.version of type string"
                .to_owned(),
        ),
        (
            "null".to_owned(),
            "invalid trust policy: trust policy document has empty version, version must be specified".to_owned(),
        ),
        (
            r#"{"version": "2.0"}"#.to_owned(),
            "invalid trust policy: trust policy document uses unsupported version \"2.0\"".to_owned(),
        ),
        (
            r#"{"version": "1.0"}"#.to_owned(),
            "invalid trust policy: trust policy document can not have zero trust policy statements".to_owned(),
        ),
    ] {
        assert_eq!(judged(&policy, "a.crt"), said, "{policy}");
    }
    // All the files at once.
    assert_eq!(
        judged(POLICY, "a.key,none.pem,a.crt"),
        "a.key must end with either .crt or .pem\n\
         unable to read TLS CA file: open none.pem: no such file or directory"
    );
}

#[test]
fn a_statement_of_a_trust_policy_is_judged_by_the_rules_of_notation() {
    let statement = |change: fn(&mut Value)| {
        let mut policy: Value = serde_json::from_str(POLICY).unwrap();
        change(&mut policy["trustPolicies"][0]);
        policy.to_string()
    };
    let core = "invalid trust policy: trust policy: trust policy statement \"all\"";
    for (policy, said) in [
        (
            statement(|it| it["name"] = json!("")),
            "invalid trust policy: trust policy: a trust policy statement is missing a name, every statement requires a name"
                .to_owned(),
        ),
        (
            statement(|it| it["signatureVerification"] = json!({"level": "lax"})),
            format!("{core} has invalid signatureVerification: invalid signature verification level \"lax\""),
        ),
        (
            statement(|it| it["signatureVerification"]["override"] = json!({"integrity": "log"})),
            format!(
                "{core} has invalid signatureVerification: \"integrity\" verification can not be overridden in custom \
                 signature verification"
            ),
        ),
        (
            statement(|it| it["trustStores"] = json!([])),
            format!("{core} is either missing trust stores or trusted identities, both must be specified"),
        ),
        (
            statement(|it| it["trustStores"] = json!(["acme"])),
            format!(
                "{core} has malformed trust store value \"acme\". The required format is <TrustStoreType>:<TrustStoreName>"
            ),
        ),
        (
            statement(|it| it["trustedIdentities"] = json!(["x509.subject: C=DE, O=acme"])),
            format!(
                "{core} has trusted identity \"x509.subject: C=DE, O=acme\" with invalid identity value: distinguished name (DN) \
                 \" C=DE, O=acme\" has no mandatory RDN attribute for \"ST\", it must contain 'C', 'ST' or 'S', and 'O' RDN \
                 attributes at a minimum"
            ),
        ),
        (
            statement(|it| {
                it["trustedIdentities"] =
                    json!(["x509.subject: C=DE, ST=BY, O=acme", "x509.subject: C=DE, ST=BY, O=acme, OU=web"]);
            }),
            format!(
                "{core} has overlapping x509 trustedIdentities, \"x509.subject: C=DE, ST=BY, O=acme\" overlaps with \
                 \"x509.subject: C=DE, ST=BY, O=acme, OU=web\""
            ),
        ),
        (
            statement(|it| it["registryScopes"] = json!(["ghcr.io"])),
            "invalid trust policy: registry scope \"ghcr.io\" is not valid, make sure it is a fully qualified repository without \
             the scheme, protocol or tag. For example domain.com/my/repository or a local scope like local/myOCILayout"
                .to_owned(),
        ),
    ] {
        assert_eq!(judged(&policy, "a.crt"), said, "{policy}");
    }
}

#[test]
fn a_secret_that_is_there_keeps_its_type_and_its_other_fields() {
    let server = ApiServer::with_flux();
    server.put(json!({
        "apiVersion": "v1", "kind": "Secret", "type": "example.com/own",
        "metadata": {"name": "app", "namespace": "flux-system", "labels": {"a": "b"}, "annotations": {"c": "d"}},
        "data": {"token": "b2xk", "other": "eA=="},
    }));
    let cli = Cli::against(&server);
    let words = ["create", "secret", "receiver", "app", "--type=github", "--hostname=h", "--token=hunter22"];
    let seen = cli.run(&[&words[..], &["--label=team=web"]].concat());
    assert_eq!(seen.succeeded(), "");
    assert_eq!(seen.err, "► receiver secret 'app' created in 'flux-system' namespace\n");
    let secret = server.get("Secret", "flux-system", "app").unwrap();
    assert_eq!(secret["type"], "example.com/own");
    assert_eq!(secret["data"], json!({"token": "aHVudGVyMjI=", "other": "eA=="}));
    assert_eq!(secret["metadata"]["labels"], json!({"a": "b", "team": "web"}));
    let annotations = secret["metadata"]["annotations"].as_object().unwrap();
    assert_eq!(annotations["c"], "d");
    assert!(
        annotations["notification.toolkit.fluxcd.io/webhook"]
            .as_str()
            .unwrap()
            .starts_with("https://h/hook/")
    );
}

#[test]
fn what_the_cluster_refuses_is_named_without_the_secret() {
    for (fault, part) in [(Fault::Status(403), "lacks the right"), (Fault::Status(500), "")] {
        let server = ApiServer::with_flux();
        server.fail("POST", "/secrets", usize::MAX, fault);
        let cli = Cli::against(&server);
        let words = ["create", "secret", "proxy", "app", "--address=http://ada:hunter22@h", "--timeout=2s"];
        let seen = cli.run(&words);
        assert!(seen.failed().starts_with("✗ applying Secret \"flux-system/app\""), "{seen:?}");
        assert!(seen.err.to_lowercase().contains(part) && !seen.err.contains("hunter22"), "{seen:?}");
    }
}
