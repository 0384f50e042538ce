//! `bootstrap` on real parts, in its variants: Flux's controllers fetch, apply and report by themselves.

use fluxr::testing::forge::DeployKey;
use fluxr::testing::forge::Forge as _;
use fluxr::testing::forge::GitHub;
use fluxr::testing::forge::Hosted as _;
use fluxr::testing::forge::Opening;
use fluxr::testing::forge::Owner;
use fluxr::testing::forge::RepositoryAddress;
use fluxr::testing::net::Proxy;
use fluxr::testing::text::Secret;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use testbed::Cluster;
use testbed::Forge;

const TOKEN: &str = "ghp_t0ken-0f-ada";
const REPOSITORY: &str = "ada/fleet";

struct Stage {
    folder: tempfile::TempDir,
    cluster: Cluster,
    forge: Forge,
}

struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let cluster = Cluster::start(&folder.path().join("cluster")).unwrap();
        let forge = Forge::start(&folder.path().join("forge")).unwrap();
        forge.add_user("ada", TOKEN, "repo, admin:org");
        Self { folder, cluster, forge }
    }

    fn run(&self, arguments: &[String]) -> Said {
        let output = Command::new(env!("CARGO_BIN_EXE_fluxr"))
            .args(arguments)
            .env_clear()
            .env("HOME", self.folder.path())
            .env("PATH", "/usr/bin:/bin")
            .env("KUBECONFIG", self.cluster.kubeconfig())
            .env("GITHUB_TOKEN", TOKEN)
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Said { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    #[track_caller]
    fn bootstrap(&self, further: &[&str]) -> Said {
        let mut arguments = vec!["bootstrap".to_owned()];
        arguments.extend(further.iter().map(|argument| (*argument).to_owned()));
        arguments.push("--path=clusters/one".to_owned());
        arguments.push(format!("--ca-file={}", self.forge.ca_file().display()));
        arguments.push(format!("--ssh-hostname={}", self.forge.ssh_host()));
        arguments.push("--timeout=90s".to_owned());
        let said = self.run(&arguments);
        assert_eq!(said.code, Some(0), "{further:?}\n{}{}", said.out, said.err);
        assert!(said.err.ends_with("✔ all components are healthy\n"), "{}", said.err);
        said
    }

    #[track_caller]
    fn github(&self, further: &[&str]) -> Said {
        let host = format!("--hostname={}", self.forge.host());
        let fixed = ["github", &host, "--owner=ada", "--repository=fleet", "--personal"];
        self.bootstrap(&[&fixed[..], further].concat())
    }

    fn commits(&self) -> Vec<String> {
        self.forge.commits(REPOSITORY, "main").unwrap()
    }

    fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    fn kubectl(&self, arguments: &[&str]) -> String {
        let output = Command::new("kubectl")
            .args(arguments)
            .env("KUBECONFIG", self.cluster.kubeconfig())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Gives a key write access to the repository.
    async fn register(&self, public: &str) {
        let ca = std::fs::read(self.forge.ca_file()).unwrap();
        let opening = Opening {
            target: RepositoryAddress {
                domain: self.forge.host(),
                owner: Owner::User("ada".to_owned()),
                name: "fleet".to_owned(),
            },
            token: Secret::new(TOKEN),
            ca: Some(ca),
            proxy: Proxy::default(),
            limit: Duration::from_secs(20),
        };
        let forge = GitHub::open(opening).await.unwrap();
        let key = DeployKey {
            id: String::new(),
            title: "by hand".to_owned(),
            key: public.trim().to_owned(),
            read_only: false,
        };
        forge.add_deploy_key(&key).await.unwrap();
    }
}

fn key_file(folder: &Path, name: &str, arguments: &[&str]) -> (PathBuf, String) {
    let path = folder.join(name);
    let made = Command::new("ssh-keygen").arg("-q").arg("-f").arg(&path).args(arguments).status().unwrap();
    assert!(made.success());
    let public = std::fs::read_to_string(path.with_extension("pub")).unwrap();
    (path, public)
}

#[test]
#[ignore = "needs the testbed"]
fn a_cluster_follows_github_over_ssh_and_mends_itself_on_every_further_run() {
    let stage = Stage::new();
    stage.github(&[]);
    assert_eq!(stage.commits(), ["Add Flux sync manifests", crate::support::COMPONENTS_COMMIT.as_str()]);
    let secret =
        || stage.kubectl(&["-n", "flux-system", "get", "secret", "flux-system", "-o", "jsonpath={.data}"]);
    let first = secret();

    let again = stage.github(&[]);
    for line in
        ["component manifests are up to date", "source secret up to date", "sync manifests are up to date"]
    {
        assert!(again.err.contains(&format!("✔ {line}\n")), "{}", again.err);
    }
    assert_eq!((stage.commits().len(), secret()), (2, first.clone()));

    stage.forge.remove_deploy_keys(REPOSITORY);
    stage.github(&[]);
    assert_eq!((stage.forge.deploy_keys(REPOSITORY).len(), secret()), (1, first));

    // A change of the options arrives at once, although the interval is long.
    stage.github(&["--interval=20m", "--components-extra=image-reflector-controller"]);
    assert_eq!(stage.commits().len(), 4, "{:?}", stage.commits());

    // Even one that ends and replaces the controller which applies it.
    stage.github(&["--interval=20m", "--components-extra=image-reflector-controller", "--log-level=debug"]);
    assert_eq!(stage.commits().len(), 5, "{:?}", stage.commits());

    let spec = |field: &str| {
        let path = format!("jsonpath={{.spec.{field}}}");
        stage.kubectl(&["-n", "flux-system", "get", "gitrepository", "flux-system", "-o", &path])
    };
    let extra = ["--interval=20m", "--components-extra=image-reflector-controller", "--log-level=debug"];
    stage.github(&[&extra[..], &["--recurse-submodules", "--sparse-checkout=clusters/one"]].concat());
    assert_eq!(
        (spec("recurseSubmodules").as_str(), spec("sparseCheckout").as_str()),
        ("true", "[\"clusters/one\"]")
    );
    stage.github(&extra);
    assert_eq!((spec("recurseSubmodules").as_str(), spec("sparseCheckout").as_str()), ("", ""));

    stage.github(&[
        "--token-auth",
        "--interval=20m",
        "--components-extra=image-reflector-controller",
        "--log-level=debug",
    ]);
    let keys = secret();
    assert!(keys.contains("username") && !keys.contains("identity"), "old fields stayed");
}

#[test]
#[ignore = "needs the testbed"]
fn generated_keys_of_every_kind_are_taken_by_the_real_source_controller() {
    for flags in
        [&["--ssh-key-algorithm=ed25519"][..], &["--ssh-key-algorithm=rsa", "--ssh-rsa-bits=3072"][..]]
    {
        let stage = Stage::new();
        stage.github(flags);
        assert_eq!(stage.commits().len(), 2, "{flags:?}");
    }
}

#[test]
#[ignore = "needs the testbed"]
fn a_user_s_patches_count_from_the_first_moment() {
    let stage = Stage::new();
    stage.forge.create_repository(REPOSITORY).unwrap();
    let patched = "\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
- gotk-components.yaml
- gotk-sync.yaml
patches:
- target:
    kind: Deployment
    name: source-controller
  patch: |
    - op: replace
      path: /spec/template/spec/containers/0/resources/limits/memory
      value: 2Gi
";
    let folder = "clusters/one/flux-system";
    let files = [
        (format!("{folder}/kustomization.yaml"), patched),
        (format!("{folder}/gotk-components.yaml"), ""),
        (format!("{folder}/gotk-sync.yaml"), ""),
    ];
    let files: Vec<_> = files.iter().map(|(path, content)| (path.as_str(), Some(*content))).collect();
    stage.forge.commit(REPOSITORY, "main", &files, "my patches").unwrap();
    stage.github(&["--token-auth"]);
    let limit = stage.kubectl(&[
        "-n",
        "flux-system",
        "get",
        "deployment",
        "source-controller",
        "-o",
        "jsonpath={.spec.template.spec.containers[0].resources.limits.memory}",
    ]);
    assert_eq!(limit, "2Gi");
}

#[test]
#[ignore = "needs the testbed"]
fn a_plain_git_server_over_https_with_signed_commits() {
    let stage = Stage::new();
    stage.forge.create_repository(REPOSITORY).unwrap();
    let (key, public) = key_file(stage.folder.path(), "signing", &["-t", "ed25519", "-N", "opensesame"]);
    let url = format!("--url=https://{}/ada/fleet.git", stage.forge.host());
    let password = format!("--password={TOKEN}");
    let signing = format!("--ssh-signing-key-file={}", key.display());
    stage.bootstrap(&[
        "git",
        &url,
        &password,
        "--token-auth",
        &signing,
        "--ssh-signing-password=opensesame",
        "--author-email=flux@example.com",
    ]);
    let signers = stage.file("signers", &format!("flux@example.com {public}"));
    let setting = format!("gpg.ssh.allowedSignersFile={}", signers.display());
    for commit in ["main", "main~1"] {
        stage.forge.git(REPOSITORY, &["-c", &setting, "verify-commit", commit]).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the testbed"]
async fn a_plain_git_server_over_ssh_with_a_given_key_and_passphrase() {
    let stage = Stage::new();
    stage.forge.create_repository(REPOSITORY).unwrap();
    let (key, public) =
        key_file(stage.folder.path(), "given", &["-t", "ecdsa", "-b", "384", "-N", "pass:phrase"]);
    stage.register(&public).await;
    let url = format!("--url=ssh://git@{}/ada/fleet", stage.forge.ssh_host());
    let file = format!("--private-key-file={}", key.display());
    let said = stage.bootstrap(&["git", &url, &file, "--password=pass:phrase", "--silent"]);
    assert!(!said.err.contains("pass:phrase"));
    assert_eq!(stage.commits().len(), 2);
}

#[test]
#[ignore = "takes minutes: with the real tier"]
fn a_run_killed_after_any_request_to_the_cluster_is_finished_by_the_next() {
    crate::bootstrap::recovery::killed_after_requests(1);
}
