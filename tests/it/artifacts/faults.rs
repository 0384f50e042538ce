//! Registries that fail, lie, or say nothing.

use super::shared::gzipped;
use super::shared::stage;
use std::net::TcpListener;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;
use testbed::registry::Fault;

const PUSH: &str = "push artifact URL:v1 --path app --source=a --revision=b";
const PULL: &str = "pull artifact URL:v1 -o out";

#[test]
fn what_fails_for_a_moment_is_asked_again() {
    for (path, status) in [("/blobs/uploads/", 503), ("/manifests/", 500), ("/v2/", 502)] {
        let stage = stage();
        stage.registry.fail(Fault::Refuse { path, status, times: 1 });
        let seen = stage.run(&format!("{PUSH} --debug"));
        seen.succeeded();
        assert!(seen.err.contains("retrying ") && seen.err.contains(&status.to_string()), "{}", seen.err);
    }
    let stage = stage();
    stage.push("v1");
    stage.registry.fail(Fault::Truncate(1));
    stage.run(PULL).succeeded();
}

#[test]
fn what_keeps_failing_is_reported_within_the_time_there_is() {
    let stage = stage();
    stage.registry.fail(Fault::Refuse { path: "/blobs/", status: 503, times: usize::MAX });
    let begun = Instant::now();
    let seen = stage.run(&format!("{PUSH} --timeout=3s"));
    assert!(seen.failed().contains("unexpected status code 503 Service Unavailable"), "{}", seen.err);
    assert!(begun.elapsed() < Duration::from_secs(5));
    for (status, says) in [(403, "403 Forbidden"), (404, "404 Not Found"), (400, "400 Bad Request")] {
        let stage = super::shared::stage();
        stage.registry.fail(Fault::Refuse { path: "/manifests/", status, times: usize::MAX });
        for line in [PUSH, PULL, "tag artifact URL:v1 --tag v2", "diff artifact URL:v1 --path app"] {
            assert!(stage.run(line).failed().contains(says), "{line}");
        }
    }
}

#[test]
fn what_does_not_exist_is_told_in_the_words_of_the_registry() {
    let stage = stage();
    let at = format!("http://{}/v2/org/app", stage.registry.host());
    let detail = "; map[from:stand-in]\n";
    let missing = format!("GET {at}/manifests/v1: MANIFEST_UNKNOWN: manifest unknown{detail}");
    assert!(stage.run(PULL).failed().ends_with(&format!("✗ {missing}")));
    assert_eq!(stage.run("diff artifact URL:v1 --path app").failed(), format!("✗ {missing}"));
    let seen = stage.run("tag artifact URL:v1 --tag v2");
    let fetching = format!("fetching \"{}/org/app:v1\"", stage.registry.host());
    assert_eq!(
        seen.failed(),
        format!("► tagging artifact\n✗ tagging artifact failed: {fetching}: {missing}")
    );
    let seen = stage.run("list artifacts URL");
    let unknown = "NAME_UNKNOWN: repository name not known to registry";
    assert_eq!(seen.failed(), format!("✗ listing tags failed: GET {at}/tags/list?n=1000: {unknown}{detail}"));
}

#[test]
fn content_that_is_not_what_its_manifest_promises_is_not_unpacked() {
    let stage = stage();
    stage.push("v1");
    for (fault, says) in [
        (Fault::WrongBytes, "has the digest sha256:"),
        (Fault::Longer, "has more than the "),
        (Fault::Truncate(usize::MAX), "Get \""),
        (Fault::WrongDigest, "does not match requested digest"),
        (Fault::Html, "unexpected status code"),
    ] {
        stage.registry.fail(fault.clone());
        let seen = stage.run(&format!("{PULL} --timeout=2s"));
        if !matches!(fault, Fault::Html) {
            assert!(seen.failed().contains(says), "{fault:?}: {}", seen.err);
        }
        seen.failed();
        assert_eq!(stage.pulled().len(), 0, "{fault:?}");
        stage.registry.recover();
    }
    // A size that the manifest lies about.
    let content = gzipped(b"x");
    let digest = stage.registry.put_blob(content.clone());
    stage.put_manifest("v1", &digest, content.len() + 1);
    assert!(stage.run(PULL).failed().contains("bytes, and its manifest promises"));
}

#[test]
fn invalid_manifests_are_refused() {
    let stage = stage();
    let index = "application/vnd.oci.image.index.v1+json";
    for (manifest, kind, says) in [
        ("<html>", "text/html", "parsing manifest failed: it is not a JSON object"),
        ("[]", "application/json", "parsing manifest failed: it is not a JSON object"),
        ("{}", "application/json", "no layers found in artifact"),
        (
            r#"{"layers": [{"digest": "sha256:../../../x", "size": 1}]}"#,
            "application/json",
            "the layer has no sha256 digest",
        ),
        (r#"{"manifests": []}"#, index, "no child with platform linux/amd64 in index sha256:"),
    ] {
        stage.registry.put_manifest("org/app", "v1", manifest, kind);
        assert!(stage.run(PULL).failed().contains(says), "{manifest}");
    }
    stage.put("v1", b"no archive");
    assert!(stage.run(PULL).failed().contains("and not a gzip archive"));
}

#[test]
fn an_index_leads_to_the_manifest_of_its_platform() {
    let stage = stage();
    stage.push("v1");
    let digest = stage.run("list artifacts URL -o json");
    let digest = serde_json::from_str::<serde_json::Value>(digest.succeeded()).unwrap()[0]["digest"].clone();
    let index = format!(
        r#"{{"manifests": [{{"digest": {digest}, "platform": {{"os": "linux", "architecture": "amd64"}}}}]}}"#
    );
    stage.registry.put_manifest("org/app", "v2", index, "application/vnd.oci.image.index.v1+json");
    stage.run("pull artifact URL:v2 -o out").succeeded();
    assert_eq!(stage.pulled().len(), 2);
}

#[test]
fn pages_of_tags_that_lead_in_a_cycle_end() {
    let stage = stage();
    stage.push("v1");
    stage.registry.fail(Fault::CircularPages);
    assert!(stage.run("list artifacts URL").failed().contains("has no end"));
}

#[test]
fn a_registry_that_is_silent_is_given_up() {
    let stage = stage();
    stage.registry.fail(Fault::Silent);
    for line in
        [PUSH, PULL, "list artifacts URL", "tag artifact URL:v1 --tag v2", "diff artifact URL:v1 --path app"]
    {
        let begun = Instant::now();
        let seen = stage.run(&format!("{line} --timeout=1s"));
        assert!(seen.failed().contains("context deadline exceeded"), "{line}: {}", seen.err);
        assert!(begun.elapsed() < Duration::from_secs(5), "{line}");
    }
}

#[test]
fn a_registry_that_has_gone_is_named() {
    let stage = stage();
    let host = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let seen = stage.run(&format!("pull artifact oci://{host}/org/app:v1 -o out"));
    let both = format!(
        "Get \"https://{host}/v2/\": Connection refused; Get \"http://{host}/v2/\": Connection refused"
    );
    assert!(seen.failed().contains(&both), "{}", seen.err);
}

#[test]
fn a_closed_pipe_is_not_a_failure_and_a_signal_ends_at_once() {
    let stage = stage();
    stage.push("v1");
    std::fs::create_dir(stage.cli.home().join("other")).unwrap();
    for line in [
        "list artifacts URL",
        "push artifact URL:v2 --path=app --source=a --revision=b -o json",
        "diff artifact URL:v1 --path=other",
    ] {
        let line = line.replace("URL", &stage.url(""));
        let run = |stdout: Stdio| {
            let ended =
                stage.cli.command(&line.split(' ').collect::<Vec<_>>()).stdout(stdout).output().unwrap();
            (ended.status.code(), String::from_utf8(ended.stderr).unwrap())
        };
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        assert_eq!(run(writer.into()), (Some(0), String::new()), "{line}");
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let said = "✗ writing to stdout: No space left on device\n";
        assert_eq!(run(full.into()), (Some(1), said.to_owned()), "{line}");
    }
    stage.registry.fail(Fault::Silent);
    let asked = stage.registry.requests().len();
    let mut running = stage.cli.spawn(&["pull", "artifact", &stage.url(":v1"), "-o", "out"]);
    while stage.registry.requests().len() == asked {
        std::thread::sleep(Duration::from_millis(5));
    }
    let begun = Instant::now();
    assert_eq!(running.interrupt(), 130);
    assert!(begun.elapsed() < Duration::from_secs(2));
}
