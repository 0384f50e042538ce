//! `trigger receiver`: what is sent, what is tried again, and what is kept to itself.

use crate::support::Asked;
use crate::support::Cli;
use crate::support::Web;
use std::io::Read;
use std::io::Write;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

const TOKEN: &str = "--token=S3cr3t_Value";

fn path(token: &str) -> String {
    use sha2::Digest;
    format!("/hook/{}", hex::encode(sha2::Sha256::digest(format!("{token}appflux-system"))))
}

fn accepting() -> Web {
    Web::start(|_| Some((200, Vec::new())))
}

#[track_caller]
fn only(web: &Web) -> Asked {
    let mut seen = web.seen();
    assert_eq!(seen.len(), 1, "{seen:?}");
    seen.remove(0)
}

#[test]
fn a_call_is_what_the_type_of_the_receiver_wants() {
    let web = accepting();
    let url = format!("--url={}/base/", web.url);
    let seen = Cli::new().run(&["trigger", "receiver", "app", &url, TOKEN]);
    assert_eq!(seen.succeeded(), "");
    assert_eq!(seen.err, "► triggering Receiver flux-system/app\n✔ Receiver flux-system/app triggered\n");
    let asked = only(&web);
    assert_eq!((asked.method.as_str(), asked.path), ("POST", format!("/base{}", path("S3cr3t_Value"))));
    assert_eq!(asked.body, "{}");
    assert_eq!(asked.headers["content-type"], "application/json");
    let agent = format!("flux/{}", fluxr::testing::distribution::current_version());
    assert_eq!(asked.headers["user-agent"], agent);
    assert!(!asked.headers.contains_key("x-signature") && !asked.headers.contains_key("authorization"));

    let web = accepting();
    let url = format!("--url={}", web.url);
    let words = [
        "trigger",
        "receiver",
        "app",
        &url,
        "--token=key",
        "--type=generic-hmac",
        "--payload=what is signed",
    ];
    Cli::new().run(&words).succeeded();
    let asked = only(&web);
    assert_eq!(asked.body, "what is signed");
    // `printf 'what is signed' | openssl dgst -sha256 -hmac key`
    let made = std::process::Command::new("sh")
        .args(["-c", "printf 'what is signed' | openssl dgst -sha256 -hmac key -r | cut -d' ' -f1"])
        .output()
        .unwrap();
    let wanted = format!("sha256={}", String::from_utf8(made.stdout).unwrap().trim());
    assert_eq!(asked.headers["x-signature"], wanted);

    let web = accepting();
    let url = format!("--url={}", web.url);
    let words = ["trigger", "receiver", "app", &url, "--type=generic-oidc"];
    for (cli, more) in [
        (Cli::new(), Some("--oidc-token=S3cr3t_Value")),
        (Cli::new().env("FLUX_TRIGGER_RECEIVER_OIDC_TOKEN", "S3cr3t_Value"), None),
    ] {
        let words: Vec<&str> = words.into_iter().chain(more).collect();
        cli.run(&words).succeeded();
    }
    for asked in web.seen() {
        assert_eq!(asked.path, path(""));
        assert_eq!(asked.headers["authorization"], "Bearer S3cr3t_Value");
    }
}

#[test]
fn a_workflow_gets_its_token_from_its_issuer() {
    let web = Web::start(|asked| {
        Some(match asked.path.as_str() {
            "/issue?version=2&audience=notification-controller" => {
                (200, br#"{"value": "S3cr3t_Value"}"#.to_vec())
            }
            "/issue?version=2&audience=mine" => (200, b"{}".to_vec()),
            "/issue?version=2&audience=page" => (200, b"<html>".to_vec()),
            "/issue?version=2&audience=no" => (403, b" not you \n".to_vec()),
            _ => (200, Vec::new()),
        })
    });
    let cli = || {
        Cli::new()
            .env("ACTIONS_ID_TOKEN_REQUEST_URL", &format!("{}/issue?version=2", web.url))
            .env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "p4ssw0rd")
    };
    let url = format!("--url={}", web.url);
    let words = ["trigger", "receiver", "app", &url, "--type=generic-oidc", "--oidc-provider=github"];
    cli().run(&words).succeeded();
    let seen = web.seen();
    assert_eq!(seen[0].headers["authorization"], "bearer p4ssw0rd");
    assert_eq!(seen[1].headers["authorization"], "Bearer S3cr3t_Value");
    for (audience, said) in [
        (
            "mine",
            "the OIDC token response did not contain a token\nhint: the workflow needs the permission `id-token: write`\n",
        ),
        ("page", "failed to decode OIDC token response: not JSON\n"),
        ("no", "OIDC token request failed with status 403 Forbidden: not you\n"),
    ] {
        let audience = format!("--oidc-audience={audience}");
        let seen = cli().run(&[&words[..], &[&audience]].concat());
        assert_eq!(seen.failed(), format!("✗ {said}"));
    }
    let seen = Cli::new().run(&words);
    assert_eq!(
        seen.failed(),
        "✗ ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN must be set in the environment; \
         ensure the Actions job has the 'id-token: write' permission\n"
    );
}

#[test]
fn what_may_pass_is_tried_again_and_what_may_not_is_told_at_once() {
    let count = AtomicUsize::new(0);
    let web = Web::start(move |_| match count.fetch_add(1, Ordering::Relaxed) {
        0 => Some((404, Vec::new())),
        1 => None,
        2 => Some((503, b" busy \n".to_vec())),
        _ => Some((204, Vec::new())),
    });
    let url = format!("--url={}", web.url);
    let words = ["trigger", "receiver", "app", &url, TOKEN, "--retry-delay=10ms"];
    let seen = Cli::new().run(&words);
    seen.succeeded();
    let lines: Vec<&str> = seen.err.lines().collect();
    let shown = format!("request to {}/hook/[redacted] failed", web.url);
    assert_eq!(lines[1], format!("◎ {shown} with status 404 Not Found; retrying in 10ms (1/10)"));
    assert!(lines[2].starts_with(&format!("◎ {shown}: ")) && lines[2].ends_with("; retrying in 10ms (2/10)"));
    assert_eq!(
        lines[3],
        format!("◎ {shown} with status 503 Service Unavailable: busy; retrying in 10ms (3/10)")
    );
    assert_eq!(lines[4], "✔ Receiver flux-system/app triggered");

    let wrong_type = "hint: --type and --token must be those of the Receiver; `fluxr export receiver app` shows its type and its Secret\n";
    let wrong_path = "hint: the path consists of the token, the name and the namespace of the Receiver; \
                      `fluxr get receivers app` shows whether it is ready\n";
    for (status, calls, name, hint) in [
        (400, 1, "400 Bad Request", wrong_type),
        (401, 1, "401 Unauthorized", wrong_type),
        (404, 3, "404 Not Found", wrong_path),
        (500, 3, "500 Internal Server Error", "hint: `fluxr why receiver/app` finds the cause\n"),
        (408, 3, "408 Request Timeout", ""),
    ] {
        let web = Web::start(move |_| Some((status, b"<html>\nno".to_vec())));
        let url = format!("--url={}", web.url);
        let seen =
            Cli::new().run(&["trigger", "receiver", "app", &url, TOKEN, "--retry-delay=1ms", "--retries=2"]);
        let said =
            format!("✗ request to {}/hook/[redacted] failed with status {name}: <html>\nno\n{hint}", web.url);
        assert!(seen.failed().ends_with(&said), "{seen:?}");
        assert_eq!(web.seen().len(), calls, "{status}");
    }
}

#[test]
fn an_empty_payload_is_sent_with_its_length() {
    let web = accepting();
    let url = format!("--url={}", web.url);
    Cli::new().run(&["trigger", "receiver", "app", &url, TOKEN, "--payload="]).succeeded();
    assert_eq!(only(&web).headers["content-length"], "0");
    let web = accepting();
    let url = format!("--url={}", web.url);
    Cli::new().run(&["trigger", "receiver", "app", &url, TOKEN]).succeeded();
    assert_eq!(only(&web).headers["content-length"], "2");
}

#[test]
fn a_status_is_shown_in_the_words_of_the_server() {
    for (line, shown) in [
        ("413 Request Entity Too Large", "413 Request Entity Too Large"),
        ("413 Payload Too Large", "413 Payload Too Large"),
        ("599 Odd", "599 Odd"),
        ("599", "599"),
        ("400 ", "400"),
    ] {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let read = stream.read(&mut [0; 4096]).unwrap();
            assert!(read > 0, "nothing was asked");
            let answer = format!("HTTP/1.1 {line}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).unwrap();
        });
        let url = format!("--url=http://{address}");
        let seen = Cli::new().run(&["trigger", "receiver", "app", &url, TOKEN, "--retries=0"]);
        server.join().unwrap();
        let said = seen.failed().lines().nth(1).unwrap();
        assert_eq!(said, format!("✗ request to http://{address}/hook/[redacted] failed with status {shown}"));
    }
}

#[test]
fn a_line_about_another_try_has_no_number_of_the_system() {
    let words = ["--url=http://127.0.0.1:9", TOKEN, "--retries=1", "--retry-delay=1ms"];
    let seen = Cli::new().run(&[&["trigger", "receiver", "app"][..], &words].concat());
    let said =
        "◎ request to http://127.0.0.1:9/hook/[redacted] failed: Connection refused; retrying in 1ms (1/1)";
    assert_eq!(seen.failed().lines().nth(1), Some(said));
}

#[test]
fn nothing_that_is_secret_is_shown_and_a_slow_server_ends_with_the_limit() {
    let slow = Web::start(|_| {
        std::thread::sleep(std::time::Duration::from_secs(30));
        None
    });
    let address = slow.url.replace("http://", "http://ada:p4ssw0rd@");
    let url = format!("--url={address}");
    let seen = Cli::new().run(&["trigger", "receiver", "app", &url, TOKEN, "--timeout=1s"]);
    assert!(seen.failed().contains("Receiver flux-system/app"), "{seen:?}");
    let gone = Cli::new().run(&[
        "trigger",
        "receiver",
        "app",
        "--url=http://ada:p4ssw0rd@127.0.0.1:9",
        TOKEN,
        "--retries=0",
    ]);
    assert!(gone.failed().contains("✗ request to http://127.0.0.1:9/hook/[redacted] failed: "), "{gone:?}");
    for text in [seen.err, gone.err] {
        for secret in ["S3cr3t", "p4ssw0rd", &path("S3cr3t_Value")[6..]] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

#[test]
fn wrong_lines_are_refused_in_the_words_of_flux() {
    let cli = Cli::new();
    let url = "--url=http://127.0.0.1:9";
    for (more, said) in [
        (&[][..], "accepts 1 arg(s), received 0"),
        (&["app", "other", url], "accepts 1 arg(s), received 2"),
        (&["app"], "--url is required"),
        (&["app", url], "--token is required for --type=generic"),
        (
            &["app", url, TOKEN, "--type=github"],
            "invalid --type \"github\", must be one of: generic, generic-hmac, generic-oidc",
        ),
        (
            &["app", url, TOKEN, "--oidc-audience=a"],
            "--oidc-provider, --oidc-token and --oidc-audience can only be set for --type=generic-oidc",
        ),
        (
            &["app", url, TOKEN, "--type=generic-oidc"],
            "--token must not be set for --type=generic-oidc, the Receiver of this type has no secret",
        ),
        (
            &["app", url, "--type=generic-oidc", "--oidc-provider=github", "--oidc-token=abcd"],
            "--oidc-provider and --oidc-token are mutually exclusive",
        ),
        (
            &["app", url, "--type=generic-oidc", "--oidc-provider=gitlab"],
            "invalid --oidc-provider \"gitlab\", must be one of: github, forgejo",
        ),
        (
            &["app", url, "--type=generic-oidc", "--oidc-audience=a"],
            "--oidc-audience can only be set together with --oidc-provider",
        ),
        (
            &["app", url, "--type=generic-oidc"],
            "no OIDC token provided: set --oidc-provider, --oidc-token or the FLUX_TRIGGER_RECEIVER_OIDC_TOKEN \
             environment variable",
        ),
        (
            &["app", url, TOKEN, "--retries=many"],
            "invalid argument \"many\" for \"--retries\" flag: \
             strconv.ParseInt: parsing \"many\": invalid syntax",
        ),
        (
            &["app", "--url=http://h:x", TOKEN],
            "unable to create request: parse \"http://h:x\": invalid port \":x\" after host",
        ),
        (
            &["app", "--url=h", TOKEN],
            "request to h/hook/[redacted] failed: not an HTTP address\n\
             hint: --url is an address such as https://flux-webhook.example.com",
        ),
    ] {
        let seen = cli.run(&[&["trigger", "receiver"], more].concat());
        assert_eq!(seen.failed(), format!("✗ {said}\n"), "{more:?}");
    }
}
