//! Logins: on the command line, in Docker's configuration, from helpers and clouds.

use super::shared::Stage;
use super::shared::stage;
use base64::Engine;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;
use std::time::Instant;
use testbed::registry::Fault;
use testbed::registry::Login;

const PASSWORD: &str = "s3cret:of:ada";

fn basic() -> Login {
    Login::Basic { username: "ada".to_owned(), password: PASSWORD.to_owned() }
}

fn bearer() -> Login {
    Login::Bearer { username: "ada".to_owned(), password: PASSWORD.to_owned() }
}

fn configure(stage: &Stage, text: &str) {
    let folder = stage.cli.home().join(".docker");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.json"), text).unwrap();
}

/// Puts a program that is a script on the path.
fn install(mut stage: Stage, name: &str, script: &str) -> Stage {
    let folder = stage.cli.home().join("bin");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    stage.cli = stage.cli.env("PATH", &format!("{}:/usr/bin:/bin", folder.display()));
    stage
}

const PUSH: &str = "push artifact URL:v1 --path app --source=a --revision=b";

#[test]
fn a_login_on_the_command_line_works_for_both_kinds_of_challenge() {
    for login in [basic(), bearer()] {
        let stage = stage();
        stage.registry.require(login);
        let seen = stage.run(PUSH);
        assert!(seen.failed().contains("UNAUTHORIZED") || seen.err.contains("401"), "{}", seen.err);
        assert!(
            seen.err.contains(&format!("hint: log in with `docker login {}`", stage.registry.host())),
            "{}",
            seen.err
        );
        let seen = stage.run(&format!("{PUSH} --creds ada:{PASSWORD}"));
        seen.succeeded();
        assert!(
            seen.err.starts_with("► logging in to registry with credentials\n► pushing artifact to "),
            "{}",
            seen.err
        );
        stage.run(&format!("tag artifact URL:v1 --tag v2 --creds ada:{PASSWORD}")).succeeded();
        stage.run(&format!("list artifacts URL --creds ada:{PASSWORD}")).succeeded();
        stage.run(&format!("diff artifact URL:v1 --path app --creds ada:{PASSWORD}")).succeeded();
        stage.run(&format!("pull artifact URL:v1 -o out --creds ada:{PASSWORD}")).succeeded();
        let seen = stage.run("pull artifact URL:v1 -o out --creds ada:wr0ng:pass");
        assert!(!seen.failed().contains("wr0ng"), "{}", seen.err);
        let seen = stage.run("pull artifact URL:v1 -o out --creds t0ken");
        assert!(!seen.failed().contains("t0ken"), "{}", seen.err);
    }
}

#[test]
fn credentials_are_sent_to_no_one_who_does_not_ask() {
    let stage = stage();
    stage.run(&format!("{PUSH} --creds ada:{PASSWORD}")).succeeded();
    assert!(stage.registry.requests().iter().all(|request| request.authorization.is_none()));
}

#[test]
fn the_configuration_of_docker_or_podman_has_the_login() {
    let auth = base64::engine::general_purpose::STANDARD.encode(format!("ada:{PASSWORD}"));
    let stage = stage();
    stage.registry.require(bearer());
    let host = stage.registry.host().to_owned();
    let text = format!(r#"{{"auths": {{"{host}": {{"auth": "{auth}"}}}}}}"#);
    configure(&stage, &text);
    stage.run(PUSH).succeeded();
    std::fs::remove_dir_all(stage.cli.home().join(".docker")).unwrap();
    stage.run(PUSH).failed();
    let elsewhere = stage.cli.home().join("auth.json");
    std::fs::write(&elsewhere, &text).unwrap();
    let stage = Stage { cli: stage.cli.env("REGISTRY_AUTH_FILE", elsewhere.to_str().unwrap()), ..stage };
    stage.run(PUSH).succeeded();
    let stage =
        Stage { cli: stage.cli.env("REGISTRY_AUTH_FILE", "").env("DOCKER_AUTH_CONFIG", &text), ..stage };
    stage.run(PUSH).succeeded();
}

/// A login for this registry in the field `auth`.
fn login_of(host: &str, pair: &str) -> String {
    format!(r#"{{"{host}": {{"auth": "{}"}}}}"#, base64::engine::general_purpose::STANDARD.encode(pair))
}

/// The pair that a registry was last shown.
fn shown(stage: &Stage) -> Option<String> {
    let requests = stage.registry.requests();
    let header = requests.iter().rev().find_map(|request| request.authorization.as_deref());
    let bytes = base64::engine::general_purpose::STANDARD.decode(header?.strip_prefix("Basic ")?).unwrap();
    Some(String::from_utf8(bytes).unwrap())
}

#[test]
fn the_variable_is_looked_at_before_the_file_and_a_broken_one_is_a_warning() {
    let of = |auths: &str| format!(r#"{{"auths": {auths}}}"#);
    for (what, warning, wanted) in [
        (of("HOST:bob"), None, "bob:other"),
        // It is asked for the repository first, and so is the file.
        (of("REPOSITORY:bob"), None, "bob:other"),
        (of("ELSEWHERE:bob"), None, "ada:first"),
        ("{}".to_owned(), None, "ada:first"),
        (" ".to_owned(), None, "ada:first"),
        ("null".to_owned(), None, "ada:first"),
        ("{".to_owned(), Some("it ends too early, line 1, column 1"), "ada:first"),
        ("[]".to_owned(), Some("a value is not of the right type, line 1, column 2"), "ada:first"),
        ("s3cret".to_owned(), Some("it is not JSON, line 1, column 1"), "ada:first"),
        (format!("{} {{}}", of("HOST:bob")), Some("it has more than one JSON object"), "ada:first"),
        (r#"{"credsStore": "vault"}"#.to_owned(), Some("it has fields other than auths"), "ada:first"),
        (
            of(r#"{"x": {"username": "bob", "password": "other"}}"#),
            Some("a login has fields other than auth"),
            "ada:first",
        ),
        (of(r#"{"x": {"auth": ""}}"#), Some("the login of \"x\" has no field auth"), "ada:first"),
        (
            of(r#"{"x": {"auth": "%"}}"#),
            Some("the login of \"x\": the field auth is not Base64"),
            "ada:first",
        ),
    ] {
        let stage = stage();
        stage.registry.require(Login::Basic { username: "x".to_owned(), password: "y".to_owned() });
        let host = stage.registry.host().to_owned();
        configure(&stage, &of(&login_of(&host, "ada:first")));
        let text = what
            .replace("HOST:bob", &login_of(&host, "bob:other"))
            .replace("REPOSITORY:bob", &login_of(&format!("{host}/org/app"), "bob:other"))
            .replace("ELSEWHERE:bob", &login_of("quay.io", "bob:other"));
        let stage = Stage { cli: stage.cli.env("DOCKER_AUTH_CONFIG", &text), ..stage };
        let seen = stage.run("list artifacts URL");
        let warned: Vec<&str> = seen.failed().lines().filter(|line| line.starts_with("⚠️")).collect();
        let wanted_line = warning.map(|why| format!("⚠️ DOCKER_AUTH_CONFIG is ignored: {why}"));
        assert_eq!(warned, wanted_line.as_deref().into_iter().collect::<Vec<_>>(), "{text}");
        assert_eq!(shown(&stage).as_deref(), Some(wanted), "{text}");
        assert!(!seen.err.contains("s3cret"), "{}", seen.err);
    }
}

#[test]
fn a_configuration_is_read_as_docker_reads_it() {
    let (ada, eve) = ("ada:first", "eve:second");
    for (text, wanted) in [
        ("".to_owned(), None),
        (" \n".to_owned(), None),
        ("null".to_owned(), None),
        (r#"{"AUTHS": ADA}"#.to_owned(), Some(ada)),
        (r#"{"auths": ADA} and more"#.to_owned(), Some(ada)),
        (r#"{"auths": ADA, "auths": {}}"#.to_owned(), Some(ada)),
        (r#"{"auths": ADA, "Auths": EVE}"#.to_owned(), Some(eve)),
        (r#"{"auths": ADA, "auths": null}"#.to_owned(), None),
        (r#"{"auths": {"HOST": {"UserName": "ada", "PASSWORD": "first"}}}"#.to_owned(), Some(ada)),
        (r#"{"auths": {"HOST": {"username": "eve"}, "HOST": null}}"#.to_owned(), None),
    ] {
        let stage = stage();
        stage.registry.require(Login::Basic { username: "x".to_owned(), password: "y".to_owned() });
        let host = stage.registry.host().to_owned();
        let text = text
            .replace("ADA", &login_of(&host, ada))
            .replace("EVE", &login_of(&host, eve))
            .replace("HOST", &host);
        configure(&stage, &text);
        // The registry takes neither: what counts is with what it was asked.
        let seen = stage.run("list artifacts URL");
        assert!(seen.failed().contains("UNAUTHORIZED"), "{text}: {}", seen.err);
        assert_eq!(shown(&stage).as_deref(), wanted, "{text}");
    }
    let stage = stage();
    let home = stage.cli.home().to_owned();
    let login = login_of(stage.registry.host(), &format!("ada:{PASSWORD}"));
    stage.registry.require(basic());
    configure(&stage, "");
    let file = home.join(".docker/config.json");
    std::fs::write(&file, [b"{\"x\": \"\xff\", \"auths\": ", login.as_bytes(), b"}"].concat()).unwrap();
    stage.run(PUSH).succeeded();
    for text in ["[]", "5", r#"{"auths": []}"#, r#"{"auths": {"x": []}}"#] {
        std::fs::write(&file, text).unwrap();
        let seen = stage.run(PUSH);
        assert!(seen.failed().contains("a value is not of the right type"), "{text}: {}", seen.err);
    }
}

#[test]
fn a_configuration_that_is_broken_is_named_without_its_secrets() {
    let stage = stage();
    for text in [r#"{"auths": {"x": {"auth": "c3VwZXItczNjcmV0"}"#, "s3cret", r#"{"auths": {"x": "s3cret"}}"#]
    {
        configure(&stage, text);
        let seen = stage.run(PUSH);
        assert!(
            seen.failed().contains("parsing config file (") && seen.err.contains("hint: "),
            "{}",
            seen.err
        );
        assert!(!seen.err.contains("s3cret") && !seen.err.contains("c3VwZXItczNjcmV0"), "{}", seen.err);
        // A login on the command line does without it.
        stage.run(&format!("{PUSH} --creds a:b")).succeeded();
    }
}

#[test]
fn a_helper_answers_for_its_registry() {
    let helper = format!(
        "cat > asked; echo '{{\"ServerURL\": \"x\", \"Username\": \"ada\", \"Secret\": \"{PASSWORD}\"}}'"
    );
    let stage = install(stage(), "docker-credential-vault", &helper);
    stage.registry.require(bearer());
    let host = stage.registry.host().to_owned();
    configure(&stage, &format!(r#"{{"credHelpers": {{"{host}": "vault"}}}}"#));
    stage.run(PUSH).succeeded();
    assert_eq!(std::fs::read_to_string(stage.cli.home().join("asked")).unwrap(), host);
    configure(&stage, r#"{"credsStore": "vault"}"#);
    stage.run(PUSH).succeeded();
    let stage =
        install(stage, "docker-credential-vault", "echo credentials not found in native keychain; exit 1");
    assert!(stage.run(PUSH).failed().contains("UNAUTHORIZED"));
}

#[test]
fn a_helper_that_is_missing_or_fails_is_named_without_what_it_wrote_to_its_answer() {
    for (script, says) in [
        (None, "docker-credential-vault is not installed"),
        (Some("echo no vault today; exit 1"), "docker-credential-vault failed: no vault today"),
        (Some("exit 3"), "docker-credential-vault failed: it said nothing"),
        (Some("echo s3cret"), "did not answer with a login in JSON"),
        (Some("printf '\\377'"), "did not answer in UTF-8"),
    ] {
        let stage = stage();
        let stage = match script {
            Some(script) => install(stage, "docker-credential-vault", script),
            None => stage,
        };
        configure(&stage, r#"{"credsStore": "vault"}"#);
        let seen = stage.run(PUSH);
        assert!(
            seen.failed().contains("error getting credentials: ") && seen.err.contains(says),
            "{}",
            seen.err
        );
        assert!(seen.err.contains("hint: ") && !seen.err.contains("s3cret"), "{}", seen.err);
    }
}

#[test]
fn a_helper_that_hangs_is_given_up_with_the_command() {
    let stage = install(stage(), "docker-credential-vault", "exec sleep 60");
    configure(&stage, r#"{"credsStore": "vault"}"#);
    let begun = Instant::now();
    let seen = stage.run(&format!("{PUSH} --timeout=1s"));
    assert!(seen.failed().contains("context deadline exceeded"), "{}", seen.err);
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[test]
fn the_login_of_a_cloud_comes_from_its_own_program() {
    for (provider, host, program, says) in [
        ("aws", "123456789012.dkr.ecr.eu-central-1.amazonaws.com", "aws", "aws is not installed"),
        ("azure", "acme.azurecr.io", "az", "az is not installed"),
        ("gcp", "europe-docker.pkg.dev", "gcloud", "gcloud is not installed"),
    ] {
        let stage = stage();
        let stage = Stage { cli: stage.cli.env("PATH", "/nowhere"), ..stage };
        let line =
            format!("pull artifact oci://{host}/acme/app:v1 -o out --timeout=5s --provider={provider}");
        let seen = stage.run(&line);
        assert!(
            seen.failed()
                .starts_with("► logging in to registry with provider credentials\n✗ error during login")
        );
        assert!(
            seen.err.contains(says)
                && seen.err.contains(&format!("hint: the login is that of the program {program}")),
            "{}",
            seen.err
        );
        let stage = install(stage, program, "echo \"$@\" > asked; echo t0ken-of-the-cloud");
        // Nothing answers at that address, but the program was asked.
        let seen = stage.run(&line);
        assert!(!seen.failed().contains("t0ken-of-the-cloud"), "{}", seen.err);
        let asked = std::fs::read_to_string(stage.cli.home().join("asked")).unwrap();
        let wanted = match program {
            "aws" => "ecr get-login-password --region eu-central-1\n",
            "az" => "acr login --name acme --expose-token --output tsv --query accessToken\n",
            _ => "auth print-access-token\n",
        };
        assert_eq!(asked, wanted);
        let seen = stage.run(&format!("pull artifact URL:v1 -o out --provider={provider}"));
        assert!(seen.failed().contains("registry: '127.0.0.1:"), "{}", seen.err);
    }
}

#[test]
fn programs_of_clouds_are_not_given_the_tokens_of_forges_and_helpers_are() {
    let tokens = ["GITHUB_TOKEN", "GITLAB_TOKEN", "GITEA_TOKEN", "BITBUCKET_TOKEN"];
    let told = tokens.map(|name| format!("${{{name}-unset}}")).join(" ");
    let with_tokens = |stage: Stage| {
        let cli = tokens.into_iter().fold(stage.cli, |cli, name| cli.env(name, "t0ken-of-a-forge"));
        Stage { cli: cli.env("CLOUD_PROFILE", "fleet"), ..stage }
    };
    for (provider, host, program) in [
        ("aws", "123456789012.dkr.ecr.eu-central-1.amazonaws.com", "aws"),
        ("azure", "acme.azurecr.io", "az"),
        ("gcp", "europe-docker.pkg.dev", "gcloud"),
    ] {
        let script = format!("echo \"{told} $CLOUD_PROFILE\" > held; exit 1");
        let stage = with_tokens(install(stage(), program, &script));
        let line =
            format!("pull artifact oci://{host}/acme/app:v1 -o out --timeout=5s --provider={provider}");
        stage.run(&line).failed();
        let held = std::fs::read_to_string(stage.cli.home().join("held")).unwrap();
        assert_eq!(held, "unset unset unset unset fleet\n", "{program}");
    }
    // A helper may log in to the registry of a forge with the token of that forge.
    let stage =
        with_tokens(install(stage(), "docker-credential-vault", "echo \"$GITHUB_TOKEN\" > held; exit 1"));
    configure(&stage, r#"{"credsStore": "vault"}"#);
    stage.run(PUSH).failed();
    assert_eq!(std::fs::read_to_string(stage.cli.home().join("held")).unwrap(), "t0ken-of-a-forge\n");
}

#[test]
fn odd_challenges_are_refused_and_their_addresses_are_not_asked() {
    for (challenge, says) in [
        ("Negotiate", "unrecognized challenge: negotiate"),
        ("Digest realm=x", "unrecognized challenge: digest"),
        ("Bearer", "malformed www-authenticate, missing realm"),
        ("Bearer realm=\"ftp://h/t\"", "realm scheme \"ftp\" not allowed"),
        ("Bearer realm=\"not a url\"", "parsing realm"),
        ("Bearer realm=\"http://169.254.169.254/latest\"", "is a private or link-local address"),
        ("Bearer realm=\"http://[::1]:9/token\"", "is a private or link-local address"),
        ("Bearer realm=\"http://[::ffff:10.0.0.1]/token\"", "is a private or link-local address"),
        ("Bearer realm=\"http://127.0.0.1:9/token\"", "is a private or link-local address"),
    ] {
        let stage = stage();
        stage.registry.fail(Fault::Challenge(challenge.to_owned()));
        let seen = stage.run(&format!("{PUSH} --creds ada:{PASSWORD}"));
        assert!(seen.failed().contains(says), "{challenge}: {}", seen.err);
        assert!(!seen.err.contains(PASSWORD), "{}", seen.err);
    }
}

#[test]
fn a_redirect_to_another_host_does_not_get_the_credentials() {
    let other = testbed::registry::RegistryStandIn::start().unwrap();
    for login in [basic(), bearer()] {
        let stage = stage();
        stage.registry.require(login);
        stage.run(&format!("{PUSH} --creds ada:{PASSWORD}")).succeeded();
        stage.registry.fail(Fault::RedirectTo(format!("http://{}", other.host())));
        let seen = stage.run(&format!("pull artifact URL:v1 -o out --creds ada:{PASSWORD}"));
        // There is nothing there, and the signature in the address is a secret.
        assert!(seen.failed().contains("signature=REDACTED") && !seen.err.contains("s3cret"), "{}", seen.err);
    }
    let seen = other.requests();
    assert_eq!(seen.len(), 2);
    assert!(seen.iter().all(|request| request.authorization.is_none()), "{seen:?}");
}
