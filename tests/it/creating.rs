//! How `create` brings the objects of Flux's kinds into a cluster, and what it says about it.

use crate::create_objects::FULL;
use crate::create_objects::words;
use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::Fault;
use serde_json::json;
use std::time::Duration;

/// What a controller does: the object is ready, and has what each kind reports.
fn with_controllers(server: &ApiServer) {
    server.react(|object| {
        if object.get("status").is_some() || object.get("spec").is_none() {
            return None;
        }
        let generation = object["metadata"]["generation"].clone();
        let condition = json!({"type": "Ready", "status": "True", "reason": "Succeeded", "message": "done", "observedGeneration": generation});
        let mut next = object.clone();
        next["status"] = json!({
            "observedGeneration": generation, "conditions": [condition], "artifact": {"revision": "rev"},
            "webhookPath": "/hook/abc", "history": [{"chartVersion": "1.2.3"}],
        });
        Some((Duration::from_millis(10), next))
    });
}

#[test]
fn sources_and_images_are_brought_into_the_cluster_with_the_lines_of_the_flux_cli() {
    let server = ApiServer::with_flux();
    with_controllers(&server);
    let cli = Cli::against(&server);
    let fetched = "✔ fetched revision: rev\n";
    for (line, first, title, written, end) in [
        (
            "source bucket app --bucket-name=b --endpoint=e",
            "✚ generating Bucket source\n",
            "Bucket source",
            "Bucket source",
            fetched,
        ),
        (
            "source helm app --url=https://h",
            "✚ generating HelmRepository source\n",
            "HelmRepository source",
            "source",
            fetched,
        ),
        (
            "source helm registry --url=oci://h/r",
            "✚ generating HelmRepository source\n",
            "HelmRepository source",
            "source",
            "",
        ),
        (
            "source chart app --source=Bucket/a --chart=b",
            "✚ generating HelmChart source\n",
            "HelmChart source",
            "source",
            fetched,
        ),
        ("source oci app --url=oci://h/r --tag=a", "", "OCIRepository", "OCIRepository", fetched),
        (
            "image repository app --image=h.io/app",
            "✚ generating ImageRepository\n",
            "ImageRepository",
            "ImageRepository",
            "",
        ),
        (
            "image policy app --image-ref=a --select-alpha=asc",
            "✚ generating ImagePolicy\n",
            "ImagePolicy",
            "ImagePolicy",
            "",
        ),
        (
            "image update app --git-repo-ref=a --checkout-branch=b --author-name=c --author-email=d",
            "✚ generating ImageUpdateAutomation\n",
            "ImageUpdateAutomation",
            "ImageUpdateAutomation",
            "",
        ),
    ] {
        let seen = cli.run(&words(line));
        seen.succeeded();
        let lines = format!(
            "{first}► applying {title}\n✔ {written} created\n◎ waiting for {title} reconciliation\n\
             ✔ {title} reconciliation completed\n{end}"
        );
        assert_eq!((seen.err, seen.out.as_str()), (lines, ""), "{line}");
    }
}

#[test]
fn releases_and_alerts_are_brought_into_the_cluster_with_the_lines_of_the_flux_cli() {
    let server = ApiServer::with_flux();
    with_controllers(&server);
    let cli = Cli::against(&server);
    for (line, kind, end) in [
        ("helmrelease app --chart-ref=HelmChart/a", "HelmRelease", "✔ applied revision 1.2.3\n"),
        ("alert app --provider-ref=a --event-source=Kustomization/*", "Alert", ""),
        ("alert-provider app --type=slack", "Provider", ""),
        (
            "receiver app --type=github --secret-ref=a --resource=GitRepository/a",
            "Receiver",
            "✔ generated webhook URL /hook/abc\n",
        ),
    ] {
        let seen = cli.run(&words(line));
        seen.succeeded();
        let lines = format!(
            "✚ generating {kind}\n► applying {kind}\n✔ {kind} created\n◎ waiting for {kind} reconciliation\n\
             ✔ {kind} app is ready\n{end}"
        );
        assert_eq!((seen.err, seen.out.as_str()), (lines, ""), "{line}");
    }
}

#[test]
fn labels_and_spec_are_replaced_as_a_whole_and_annotations_stay() {
    let server = ApiServer::with_flux();
    with_controllers(&server);
    let cli = Cli::against(&server);
    cli.run(&words("alert-provider chat --type=slack --channel=a --label=x=y")).succeeded();
    let mut object = server.get("Provider", "flux-system", "chat").unwrap();
    object["metadata"]["annotations"] = json!({"kept": "yes"});
    server.put(object);
    let seen = cli.run(&words("alert-provider chat --type=generic --address=https://h"));
    seen.succeeded();
    assert!(seen.err.contains("✔ Provider updated\n"), "{seen:?}");
    let object = server.get("Provider", "flux-system", "chat").unwrap();
    assert_eq!(object["spec"], json!({"type": "generic", "address": "https://h"}));
    assert_eq!(object["metadata"]["labels"].as_object().map_or(0, serde_json::Map::len), 0);
    assert_eq!(object["metadata"]["annotations"], json!({"kept": "yes"}));
}

#[test]
fn an_image_object_that_is_as_it_should_be_is_left_alone_and_nothing_is_reported() {
    let server = ApiServer::with_flux();
    with_controllers(&server);
    let cli = Cli::against(&server);
    let line = words("image policy app --image-ref=a --select-semver=1.x --label=a=b");
    assert!(cli.run(&line).err.contains("✔ ImagePolicy created\n"));
    let before = server.get("ImagePolicy", "flux-system", "app").unwrap();
    let seen = cli.run(&line);
    seen.succeeded();
    assert_eq!(
        seen.err,
        "✚ generating ImagePolicy\n► applying ImagePolicy\n◎ waiting for ImagePolicy reconciliation\n\
         ✔ ImagePolicy reconciliation completed\n"
    );
    assert_eq!(server.get("ImagePolicy", "flux-system", "app").unwrap(), before);
}

#[test]
fn credentials_of_a_source_are_kept_in_a_secret_of_its_own() {
    let server = ApiServer::with_flux();
    with_controllers(&server);
    let cli = Cli::against(&server);
    let line =
        "source bucket app --bucket-name=b --endpoint=e --access-key=ada --secret-key=hunter22 --label=a=b";
    let seen = cli.run(&words(line));
    seen.succeeded();
    let lines = "✚ generating Bucket source\n► applying secret with the bucket credentials\n✔ authentication configured\n► applying";
    assert!(seen.err.starts_with(lines), "{seen:?}");
    let secret = server.get("Secret", "flux-system", "bucket-app").unwrap();
    assert_eq!(secret["data"], json!({"accesskey": "YWRh", "secretkey": "aHVudGVyMjI="}));
    assert_eq!(secret["metadata"]["labels"], json!({"a": "b"}));
    let bucket = server.get("Bucket", "flux-system", "app").unwrap();
    assert_eq!(bucket["spec"]["secretRef"], json!({"name": "bucket-app"}));

    let line =
        "source helm app --url=https://h --username=ada --password=hunter22 --pass-credentials --label=a=b";
    let seen = cli.run(&words(line));
    seen.succeeded();
    let lines = "✚ generating HelmRepository source\n► applying secret with repository credentials\n✔ authentication configured\n";
    assert!(seen.err.starts_with(lines), "{seen:?}");
    let secret = server.get("Secret", "flux-system", "helm-app").unwrap();
    assert_eq!(secret["data"], json!({"username": "YWRh", "password": "aHVudGVyMjI="}));
    assert_eq!(secret["type"], "kubernetes.io/basic-auth");
    assert!(secret["metadata"].get("labels").is_none(), "{secret}");
    let repository = server.get("HelmRepository", "flux-system", "app").unwrap();
    assert_eq!(repository["spec"]["secretRef"], json!({"name": "helm-app"}));
    assert_eq!(repository["spec"]["passCredentials"], true);

    // With a Secret of one's own, or half of the credentials, none is made.
    cli.run(&words("source bucket half --bucket-name=b --endpoint=e --access-key=ada")).succeeded();
    cli.run(&words("source helm other --url=https://h --username=a --password=b --secret-ref=login"))
        .succeeded();
    for name in ["bucket-half", "helm-other"] {
        assert!(server.get("Secret", "flux-system", name).is_none(), "{name}");
    }
    let seen = cli.run(&words("source helm half --url=https://h --username=ada"));
    assert_eq!(seen.failed(), "✚ generating HelmRepository source\n✗ password is required\n");
}

#[test]
fn a_source_that_is_ready_without_an_artifact_is_a_failure() {
    let server = ApiServer::with_flux();
    server.react(|object| {
        let ready = json!([{"type": "Ready", "status": "True", "reason": "Succeeded", "message": "done"}]);
        let mut next = object.clone();
        next["status"] = json!({"observedGeneration": object["metadata"]["generation"], "conditions": ready});
        object.get("status").is_none().then_some((Duration::from_millis(10), next))
    });
    let cli = Cli::against(&server);
    for (line, said) in [
        (
            "source bucket app --bucket-name=b --endpoint=e",
            "Bucket source reconciliation but no artifact was found",
        ),
        (
            "source helm app --url=https://h",
            "HelmRepository source reconciliation completed but no artifact was found",
        ),
        (
            "source chart app --source=Bucket/a --chart=b",
            "HelmChart source reconciliation completed but no artifact was found",
        ),
        ("source oci app --url=oci://h/r --tag=a", "no artifact was found"),
    ] {
        let seen = cli.run(&words(line));
        assert!(
            seen.failed().ends_with(&format!(" reconciliation completed\n✗ {said}\n")),
            "{line}: {seen:?}"
        );
    }
}

#[test]
fn a_refusal_of_the_api_server_is_told_with_the_object() {
    for line in FULL {
        let server = ApiServer::with_flux();
        server.fail("POST", "/", usize::MAX, Fault::Status(403));
        let seen = Cli::against(&server).run(&words(line));
        assert!(seen.failed().contains("\"flux-system/app\""), "{line}: {seen:?}");
    }
}

#[test]
fn credentials_are_tried_at_once_also_if_they_are_all_that_changes() {
    let server = ApiServer::with_flux();
    server.with_controllers(Duration::from_millis(10));
    let cli = Cli::against(&server);
    for (kind, line) in [
        ("GitRepository", "source git app --url=https://h --branch=main --username=ada --password="),
        ("HelmRepository", "source helm app --url=https://h --username=ada --password="),
        ("Bucket", "source bucket app --bucket-name=b --endpoint=e --access-key=ada --secret-key="),
    ] {
        let create = |password: &str, further: &str| {
            let seen = cli.run(&words(&format!("{line}{password} {further}")));
            seen.succeeded();
            assert!(seen.err.ends_with("\n✔ fetched revision: main@sha1:fetched\n"), "{kind}: {}", seen.err);
            let object = server.get(kind, "flux-system", "app").unwrap();
            let asked = object["metadata"]["annotations"]["reconcile.fluxcd.io/requestedAt"].clone();
            assert_eq!(object["status"]["lastHandledReconcileAt"], asked, "{kind}");
            asked
        };
        assert!(create("one", "").is_null() && create("one", "").is_null(), "{kind}: nothing has changed");
        let asked = create("two", "");
        assert!(asked.is_string(), "{kind}: the new password was not tried");
        assert_eq!(create("two", ""), asked, "{kind}: nothing has changed");
        // The controller looks at what has changed by itself.
        assert_eq!(create("three", "--interval=7m"), asked, "{kind}");
    }
}

/// Another client, most often a controller, writes the object between its reading and its writing.
#[test]
fn what_another_client_writes_at_the_same_time_is_read_again() {
    let others = [
        "secret oci app --url=ghcr.io/a/b --username=ada --password=hunter22",
        "tenant app --with-namespace=apps",
    ];
    for line in FULL.iter().copied().chain(others) {
        let server = ApiServer::with_flux();
        with_controllers(&server);
        let cli = Cli::against(&server);
        for (method, more) in [("POST", ""), ("PUT", " --label=team=web")] {
            server.fail(method, "/", 1, Fault::Status(409));
            let before = server.requests().len();
            cli.run(&words(&format!("{line}{more}"))).succeeded();
            let asked = server.requests().split_off(before);
            let written = asked.iter().filter(|request| request.starts_with(method)).count();
            assert!(written >= 2, "{line}{more}: {asked:?}");
        }
    }
}

#[test]
fn an_object_that_others_keep_writing_is_given_up_after_five_attempts() {
    let server = ApiServer::with_flux();
    server.with_controllers(Duration::from_millis(10));
    let cli = Cli::against(&server);
    let line = "source git app --url=https://h --branch=main";
    cli.run(&words(line)).succeeded();
    server.fail("PUT", "/gitrepositories/app", usize::MAX, Fault::Status(409));
    let seen = cli.run(&words(line));
    assert!(seen.failed().contains("\n✗ applying GitRepository \"flux-system/app\""), "{seen:?}");
    assert!(seen.err.contains("hint: it was changed by another client"), "{seen:?}");
    let written = server.requests().iter().filter(|request| request.starts_with("PUT")).count();
    assert_eq!(written, 5);
}
