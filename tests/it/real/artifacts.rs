//! Artifacts in the registry of the distribution project and in that of crane: what fluxr pushes, the Flux CLI and source-controller read, and
//! the other way round.

use crate::support::Cli;
use crate::support::Output;
use serde_json::Value;
use serde_json::json;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use std::time::Instant;
use testbed::Cluster;
use testbed::registry::CraneRegistry;
use testbed::registry::RealRegistry;

/// The most memory that a transfer may take, in KiB.
const MEMORY: u64 = 64 * 1024;

/// Both programs, and a folder that they push.
struct Pair {
    ours: Cli,
    theirs: Cli,
}

fn pair(with_ca: Option<&Path>) -> Pair {
    let cli = |program: Option<&Path>| {
        let cli = match program {
            Some(program) => Cli::new().of(program),
            None => Cli::new(),
        };
        let cli = match with_ca {
            Some(ca) => cli.env("SSL_CERT_FILE", ca.to_str().unwrap()),
            None => cli,
        };
        for (name, text) in [
            ("deploy.yaml", "kind: Deployment\n"),
            ("base/map.yaml", "kind: ConfigMap\n"),
            (".git/config", "[core]\n"),
            ("picture.png", "no picture\n"),
        ] {
            let path = cli.home().join("app").join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        cli
    };
    let flux = testbed::build::binary("flux").unwrap();
    Pair { ours: cli(None), theirs: cli(Some(&flux)) }
}

fn run(cli: &Cli, line: &str) -> Output {
    cli.run(&line.split(' ').collect::<Vec<_>>())
}

/// The manifest without what depends on the compressor.
fn manifest(host: &str, tag: &str) -> Value {
    let accepted = "Accept: application/vnd.oci.image.manifest.v1+json";
    let url = format!("http://{host}/v2/org/app/manifests/{tag}");
    let output = Command::new("curl").args(["-sf", "-H", accepted, &url]).output().unwrap();
    let mut manifest: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(manifest["layers"][0]["digest"].is_string() && manifest["layers"][0]["size"].is_u64());
    manifest["layers"][0]["digest"] = Value::Null;
    manifest["layers"][0]["size"] = Value::Null;
    manifest
}

#[test]
#[ignore = "needs the testbed"]
fn both_programs_write_the_same_artifacts_and_read_each_others() {
    let folder = tempfile::tempdir().unwrap();
    let registry = RealRegistry::start(&folder.path().join("one"), false, false).unwrap();
    exchange(&registry.host());
    let another = CraneRegistry::start(&folder.path().join("another")).unwrap();
    exchange(&another.host());
}

/// Each program pushes, and reads what both have pushed.
fn exchange(host: &str) {
    let pair = pair(None);
    let push = |cli: &Cli, tag: &str| {
        let flags = "--path=app --source=git --revision=main@sha1:abc --reproducible -a key=<v>";
        run(cli, &format!("push artifact oci://{host}/org/app:{tag} {flags}")).succeeded();
    };
    push(&pair.ours, "ours");
    push(&pair.theirs, "theirs");
    assert_eq!(manifest(host, "ours"), manifest(host, "theirs"));
    for (reader, tag) in [(&pair.ours, "theirs"), (&pair.theirs, "ours"), (&pair.ours, "ours")] {
        let out = reader.home().join(format!("out-{tag}"));
        std::fs::create_dir_all(&out).unwrap();
        let seen = run(reader, &format!("pull artifact oci://{host}/org/app:{tag} -o out-{tag}"));
        seen.succeeded();
        assert!(seen.err.contains("✔ source git\n✔ revision main@sha1:abc\n✔ digest "), "{}", seen.err);
        let read = |name: &str| std::fs::read_to_string(out.join(name)).ok();
        assert_eq!(read("deploy.yaml").as_deref(), Some("kind: Deployment\n"));
        assert_eq!(read("base/map.yaml").as_deref(), Some("kind: ConfigMap\n"));
        assert_eq!((read(".git/config"), read("picture.png")), (None, None));
        let modified = out.join("deploy.yaml").metadata().unwrap().modified().unwrap();
        assert_eq!(modified, std::time::SystemTime::UNIX_EPOCH);
    }
    // The same content, compressed by another program.
    let seen = run(&pair.ours, &format!("diff artifact oci://{host}/org/app:theirs --path=app"));
    assert_eq!(seen.succeeded(), "", "{}", seen.err);
    run(&pair.ours, &format!("tag artifact oci://{host}/org/app:theirs --tag=1.0.0,1.1.0 --tag=x.sig"))
        .succeeded();
    for line in ["", " --filter-semver=>=1.1.0", " --filter-regex=^o", " --filter-regex=^none"] {
        let line = format!("list artifacts oci://{host}/org/app{line}");
        assert_eq!(run(&pair.ours, &line).succeeded(), run(&pair.theirs, &line).succeeded(), "{line}");
    }
}

#[test]
#[ignore = "needs the testbed"]
fn both_programs_say_the_same_of_what_fails() {
    let folder = tempfile::tempdir().unwrap();
    let registry = RealRegistry::start(folder.path(), false, true).unwrap();
    let (user, password) = RealRegistry::LOGIN;
    fail(&registry.host(), &format!(" --creds {user}:{password}"));
    let folder = tempfile::tempdir().unwrap();
    let another = CraneRegistry::start(folder.path()).unwrap();
    fail(&another.host(), "");
}

/// What goes wrong with a registry that wants these credentials, and what does not.
fn fail(host: &str, creds: &str) {
    let pair = pair(None);
    let at = format!("oci://{host}/org/app");
    let flags = "--path=app --source=git --revision=main --reproducible";
    run(&pair.ours, &format!("push artifact {at}:v1 {flags}{creds}")).succeeded();
    for cli in [&pair.ours, &pair.theirs] {
        std::fs::create_dir_all(cli.home().join("out")).unwrap();
    }
    for line in [
        format!("pull artifact {at}:v1 -o out"),
        format!("pull artifact {at}:none -o out{creds}"),
        format!("pull artifact {at}:v1 -o out --creds ada:wrong"),
        format!("pull artifact {at}:v1 -o out{creds}"),
        format!("list artifacts {at}"),
        format!("list artifacts {at}:v1{creds}"),
        format!("list artifacts {at}/none{creds}"),
        format!("list artifacts {at}{creds} --filter-semver=x"),
        format!("tag artifact {at}:v1 --tag=v2"),
        format!("tag artifact {at}:none --tag=v2{creds}"),
        format!("tag artifact {at}:v1 --tag=v2{creds}"),
        format!("diff artifact {at}:none --path=app{creds}"),
        format!("diff artifact {at}:v1 --path=app/deploy.yaml{creds}"),
    ] {
        let (ours, theirs) = (run(&pair.ours, &line), run(&pair.theirs, &line));
        let told: String = ours
            .err
            .lines()
            .filter(|line| !line.starts_with("hint: "))
            .map(|line| format!("{line}\n"))
            .collect();
        assert_eq!((ours.code, told), (theirs.code, theirs.err), "{line}");
        if !line.starts_with("diff ") {
            assert_eq!(ours.out, theirs.out, "{line}");
        }
    }
}

#[test]
#[ignore = "needs the testbed"]
fn a_registry_with_a_certificate_of_its_own_is_reached_with_it_or_without_any() {
    let folder = tempfile::tempdir().unwrap();
    let registry = RealRegistry::start(folder.path(), true, true).unwrap();
    let host = registry.host();
    let (user, password) = RealRegistry::LOGIN;
    let push = format!(
        "push artifact oci://{host}/org/app:v1 --path=app --source=a --revision=b --creds {user}:{password}"
    );
    let stranger = pair(None).ours;
    let seen = run(&stranger, &push);
    assert!(seen.failed().contains("the certificate is signed by an unknown authority"), "{}", seen.err);
    assert!(seen.err.contains("--insecure-registry"), "{}", seen.err);
    run(&stranger, &format!("{push} --insecure-registry")).succeeded();
    let pair = pair(Some(registry.ca_file()));
    run(&pair.ours, &push).succeeded();
    std::fs::create_dir_all(pair.theirs.home().join("out")).unwrap();
    run(&pair.theirs, &format!("pull artifact oci://{host}/org/app:v1 -o out --creds {user}:{password}"))
        .succeeded();
}

/// The peak of the memory of a run, in KiB.
fn peak(cli: &Cli, line: &str) -> u64 {
    let mut child = cli.command(&line.split(' ').collect::<Vec<_>>()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    loop {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let seen = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let seen = seen.and_then(|seen| seen.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(seen.unwrap_or_default());
        if let Some(ended) = child.try_wait().unwrap() {
            assert!(ended.success(), "{line}");
            return peak;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
#[ignore = "needs the testbed"]
fn a_gibibyte_is_pushed_and_pulled_in_little_memory() {
    let folder = tempfile::tempdir().unwrap();
    let registry = RealRegistry::start(folder.path(), false, false).unwrap();
    let (cli, host) = (pair(None).ours, registry.host());
    // What does not compress.
    let big = std::fs::File::create(cli.home().join("app/big")).unwrap();
    let made = Command::new("head").args(["-c", "1G", "/dev/urandom"]).stdout(big).status();
    assert!(made.unwrap().success());
    std::fs::create_dir_all(cli.home().join("out")).unwrap();
    let url = format!("oci://{host}/org/app:v1");
    for line in [
        format!("push artifact {url} --path=app --source=a --revision=b"),
        format!("pull artifact {url} -o out"),
        format!("diff artifact {url} --path=app"),
    ] {
        let peak = peak(&cli, &line);
        println!("{} KiB: {line}", peak);
        assert!(peak < MEMORY, "{peak} KiB: {line}");
    }
    let [sent, received] = ["app/big", "out/big"].map(|name| cli.home().join(name).metadata().unwrap().len());
    assert_eq!((sent, received), (1 << 30, 1 << 30));
}

#[test]
#[ignore = "needs the testbed"]
fn source_controller_fetches_what_was_pushed() {
    let folder = tempfile::tempdir().unwrap();
    let registry = RealRegistry::start(&folder.path().join("registry"), false, false).unwrap();
    let cluster = Cluster::start(&folder.path().join("cluster")).unwrap();
    let cli = pair(None).ours.with_kubeconfig(&std::fs::read_to_string(cluster.kubeconfig()).unwrap());
    run(&cli, "install --components=source-controller").succeeded();
    let host = registry.host();
    let flags = "--path=app --source=git --revision=main@sha1:abc -o json";
    let pushed = run(&cli, &format!("push artifact oci://{host}/org/app:v1 {flags}"));
    let pushed: Value = serde_json::from_str(pushed.succeeded()).unwrap();
    let source = json!({
        "apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "OCIRepository",
        "metadata": {"name": "app", "namespace": "flux-system"},
        "spec": {"interval": "1m", "url": format!("oci://{host}/org/app"), "ref": {"tag": "v1"}, "insecure": true},
    });
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let client = crate::support::client_of(&std::fs::read_to_string(cluster.kubeconfig()).unwrap()).await;
        let kind = fluxr::testing::kind::by_name("OCIRepository").unwrap();
        let api = super::place::api_of(&client, &kind.api_resource(), "flux-system");
        let object = serde_json::from_value(source).unwrap();
        api.create(&kube::api::PostParams::default(), &object).await.unwrap();
    });
    run(&cli, "wait ocirepository/app --timeout=1m").succeeded();
    let begun = Instant::now();
    let digest = pushed["digest"].as_str().unwrap();
    let seen = run(&cli, "get sources oci app -o json");
    assert!(
        seen.succeeded().contains(&format!("\"revision\": \"v1@{digest}\"")),
        "{} after {:?}",
        seen.out,
        begun.elapsed()
    );
}
