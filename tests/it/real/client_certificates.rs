//! A registry that serves only those with a certificate of its authority. Neither program has a flag for that, so what is in the registry was
//! pushed before; source-controller reads it with the certificate in a Secret that fluxr wrote, and `why` says what is wrong with another.

use super::charts;
use super::charts::web;
use super::live::Cause;
use super::live::Live;
use crate::support::Cli;
use testbed::registry::RealRegistry;

#[test]
#[ignore = "needs the testbed"]
fn a_registry_is_read_with_the_client_certificate_in_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let contents = folder.path().join("registry");
    let open = RealRegistry::start(&contents, true, false).unwrap();
    charts::push(&open, true, "charts/web", &web("1.2.3"));
    let pusher = Cli::new().env("SSL_CERT_FILE", open.ca_file().to_str().unwrap());
    std::fs::write(pusher.home().join("map.yaml"), "kind: ConfigMap\n").unwrap();
    let url = format!("oci://{}/org/app:latest", open.host());
    let origin = ["--source=https://git.example.com/app", "--revision=main@sha1:abc"];
    pusher.run(&[&["push", "artifact", &url, "--path=map.yaml"][..], &origin].concat()).succeeded();
    let stranger = open.client().unwrap();
    drop(open);

    let registry = RealRegistry::start_for_certificates(&contents).unwrap();
    let live = Live::start("source-controller");
    live.write("ca.crt", &std::fs::read_to_string(registry.ca_file()).unwrap());
    live.does("create secret tls none --ca-crt-file=ca.crt");
    for (name, (certificate, key)) in [("stranger", stranger), ("client", registry.client().unwrap())] {
        live.write(&format!("{name}.crt"), &certificate);
        live.write(&format!("{name}.key"), &key);
        let pair = format!("--tls-crt-file={name}.crt --tls-key-file={name}.key");
        live.does(&format!("create secret tls {name} --ca-crt-file=ca.crt {pair}"));
    }
    an_artifact(&live, &registry);
    a_chart(&live, &registry);
}

fn an_artifact(live: &Live, registry: &RealRegistry) {
    let create = |secret: &str, limit: &str| {
        let url = format!("oci://{}/org/app", registry.host());
        format!(
            "create source oci app --url={url} --tag=latest --interval=1h --cert-ref={secret} --timeout={limit}"
        )
    };
    for (secret, says) in [
        ("none", "asks for a client certificate, which the Secret \"none\" lacks"),
        ("stranger", "refuses the client certificate in the Secret \"stranger\""),
    ] {
        live.fails(&create(secret, "3s"));
        let cause = Cause { code: "ClientCertificateRefused", at: "OCIRepository/flux-system/app", says };
        live.is_because("ocirepository/app", cause);
    }
    let said = live.does(&create("client", "20s"));
    assert!(said.contains("✔ fetched revision: latest@sha256:"), "{said}");
    live.is_well("ocirepository/app");
}

/// The Secret of a chart repository holds the certificate beside the authority.
fn a_chart(live: &Live, registry: &RealRegistry) {
    let create = |name: &str| {
        let url = format!("oci://{}/charts", registry.host());
        let pair = format!("--cert-file={name}.crt --key-file={name}.key --ca-file=ca.crt");
        format!("create source helm charts --url={url} {pair} --interval=1h --timeout=20s")
    };
    live.does(&create("stranger"));
    let chart = "create source chart web --source=HelmRepository/charts --chart=web --interval=1h";
    live.fails(&format!("{chart} --timeout=3s"));
    let refused = Cause {
        code: "ClientCertificateRefused",
        at: "HelmChart/flux-system/web",
        says: "refuses the client certificate in the Secret \"helm-charts\"",
    };
    live.is_because("helmchart/web", refused);
    live.does(&create("client"));
    let said = live.does(chart);
    assert!(said.contains("✔ fetched revision: 1.2.3\n"), "{said}");
}
