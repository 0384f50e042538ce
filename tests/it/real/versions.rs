//! A version that is set in a real Gitea, and applied by real controllers.

use crate::support::client_of;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use k8s_openapi::api::apps::v1::Deployment;
use kube::Api;
use kube::Client;
use serde_json::Value;
use serde_json::json;
use std::process::Command;
use testbed::Cluster;
use testbed::Gitea;

const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
        - name: shop
          image: nginx:1.25 # in front
";

const KUSTOMIZATION: &str = "namespace: flux-system\nresources:\n  - shop.yaml\n";

const SYNC: &str = "\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: NAME, namespace: flux-system}
spec:
  interval: 1h
  prune: true
  path: ./apps/NAME
  sourceRef: {kind: GitRepository, name: flux-system}
";

struct Stage {
    folder: tempfile::TempDir,
    cluster: Cluster,
    gitea: Gitea,
    token: String,
}

impl Stage {
    #[track_caller]
    fn does(&self, line: &str) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_fluxr"))
            .args(line.split_whitespace())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("PATH", "/usr/bin:/bin")
            .env("USER", "ada")
            .env("KUBECONFIG", self.cluster.kubeconfig())
            .env("GITEA_TOKEN", &self.token)
            .env("GIT_SSL_CAINFO", self.gitea.ca_file())
            .output()
            .unwrap();
        let text =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{line}\n{text}");
        assert!(!text.contains(&self.token), "the token was shown: {text}");
        text
    }

    fn commit(&self, path: &str, text: &str) {
        let content = json!({"content": STANDARD.encode(text), "message": path, "branch": "main"});
        self.gitea
            .ask_as(&self.token, "POST", &format!("repos/ada/fleet/contents/{path}"), &content)
            .unwrap();
    }

    fn file(&self, path: &str) -> String {
        self.gitea.git("ada/fleet", &["show", &format!("main:{path}")]).unwrap()
    }
}

/// The image that a Deployment has in the cluster.
async fn image(client: &Client, name: &str) -> String {
    let api: Api<Deployment> = Api::namespaced(client.clone(), "flux-system");
    let found = serde_json::to_value(api.get(name).await.unwrap()).unwrap();
    found.pointer("/spec/template/spec/containers/0/image").and_then(Value::as_str).unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the testbed"]
async fn a_version_that_is_set_or_promoted_in_gitea_is_what_the_cluster_then_runs() {
    let folder = tempfile::tempdir().unwrap();
    let gitea = Gitea::start().unwrap();
    let token = gitea.add_user("ada", &[]).unwrap();
    let cluster = Cluster::start(&folder.path().join("cluster")).unwrap();
    let client = client_of(&std::fs::read_to_string(cluster.kubeconfig()).unwrap()).await;
    let stage = Stage { folder, cluster, gitea, token };
    stage.does(&format!(
        "bootstrap gitea --owner=ada --personal --repository=fleet --path=clusters/one --token-auth --timeout=90s \
         --components=source-controller,kustomize-controller --hostname={} --ca-file={}",
        stage.gitea.host(),
        stage.gitea.ca_file().display()
    ));
    for name in ["shop", "blog"] {
        stage.commit(&format!("apps/{name}/kustomization.yaml"), KUSTOMIZATION);
        stage.commit(&format!("apps/{name}/shop.yaml"), &DEPLOYMENT.replace("shop}", &format!("{name}}}")));
        stage.commit(&format!("clusters/one/{name}.yaml"), &SYNC.replace("NAME", name));
    }
    let apply = || {
        stage.does("reconcile kustomization flux-system --with-source --timeout=90s");
        for name in ["shop", "blog"] {
            stage.does(&format!("reconcile kustomization {name} --timeout=90s"));
        }
    };
    apply();
    assert_eq!(image(&client, "shop").await, "nginx:1.25");

    let said = stage.does("set version ks/shop nginx=1.27 --push --forge=gitea");
    assert!(said.contains("► setting nginx of Kustomization/flux-system/shop from 1.25 to 1.27\n"), "{said}");
    apply();
    assert_eq!(image(&client, "shop").await, "nginx:1.27");
    assert_eq!(
        stage.file("apps/shop/kustomization.yaml"),
        format!("{KUSTOMIZATION}images:\n  - name: nginx\n    newTag: \"1.27\"").trim_end()
    );
    assert!(stage.does("drift ks/shop").contains("shop"));

    // One folder gets what the other one has, as a request that is merged.
    let promote = "promote --from=apps/shop --to=apps/blog --pull-request --forge=gitea";
    let said = stage.does(promote);
    assert!(said.contains("✔ opened pull request #1"), "{said}");
    stage.gitea.merge(&stage.token, "ada/fleet", 1, "squash").unwrap();
    apply();
    assert_eq!(image(&client, "blog").await, "nginx:1.27");
    assert!(stage.does(promote).ends_with("✔ nothing to do: the repository is up to date\n"));
}
