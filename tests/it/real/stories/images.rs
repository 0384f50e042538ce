//! Image automation: a new tag in a registry is seen, chosen, committed and rolled out.

use super::stage::Stage;
use testbed::registry::RealRegistry;

/// Both programs only look at what is there.
const LOOKS: [&str; 14] = [
    "get images all",
    "get images all -A",
    "get images repository",
    "get images repository web",
    "get images policy",
    "get images policy web --no-header",
    "get images update",
    "get all",
    "events --for=ImageRepository/web",
    "events --for=ImagePolicy/web",
    "events --for=ImageUpdateAutomation/fleet",
    "export image repository web",
    "export image policy --all",
    "export image update fleet",
];

/// A Deployment whose image the automation may change.
fn deployment(image: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  namespace: default\nspec:\n  selector:\n    \
         matchLabels: {{app: web}}\n  template:\n    metadata:\n      labels: {{app: web}}\n    spec:\n      containers:\n      \
         - name: web\n        image: {image} # {{\"$imagepolicy\": \"flux-system:web\"}}\n"
    )
}

struct Story {
    stage: Stage,
    registry: RealRegistry,
    image: String,
}

impl Story {
    fn begin() -> Self {
        let stage = Stage::new();
        let registry = RealRegistry::start(&stage.folder.path().join("registry"), false, false).unwrap();
        let image = format!("{}/acme/web", registry.host());
        stage.write("image/file", "content\n");
        Self { stage, registry, image }
    }

    /// Bootstraps with the controllers of images.
    fn bootstrap(&self, more: &str) {
        let forge = &self.stage.forge;
        self.stage.fluxr(&format!(
            "bootstrap github --owner=ada --personal --repository=fleet --path=clusters/one --timeout=90s \
             --hostname={} --ssh-hostname={} --ca-file={} \
             --components-extra=image-reflector-controller,image-automation-controller {more}",
            forge.host(),
            forge.ssh_host(),
            forge.ca_file().display(),
        ));
    }

    /// What the last commit to the repository says.
    fn last_commit(&self) -> String {
        self.stage.forge.commits("ada/fleet", "main").unwrap().remove(0)
    }

    /// The developers push an image; what it contains does not matter to anybody here.
    fn push(&self, tag: &str) {
        let flags = "--path=image --source=git --revision=main";
        self.stage.fluxr(&format!("push artifact oci://{}:{tag} {flags}", self.image));
    }

    fn running(&self) -> String {
        self.stage.field("deployment/web", ".spec.template.spec.containers[0].image")
    }

    /// What the automation committed to the repository is applied, and runs.
    fn rolls_out(&self, tag: &str) {
        let Self { stage, image, .. } = self;
        stage.fluxr("reconcile kustomization flux-system --with-source");
        assert_eq!(self.running(), format!("{image}:{tag}"));
        let head = stage.forge.git("ada/fleet", &["rev-parse", "main"]).unwrap();
        let traced = stage.fluxr("trace deployment web -n default");
        assert!(traced.contains(&format!("main@sha1:{head}")), "{traced}");
        assert!(stage.fluxr("tree kustomization flux-system").contains("Deployment/default/web"));
    }
}

#[test]
#[ignore = "needs the testbed"]
fn a_new_tag_is_seen_chosen_committed_and_rolled_out() {
    let story = Story::begin();
    let Story { stage, image, .. } = &story;
    stage.chapter("bootstrap with the controllers of images");
    story.bootstrap("");
    for tag in ["1.0.0", "1.0.1", "latest"] {
        story.push(tag);
    }
    let manifest = deployment(&format!("{image}:1.0.0"));
    stage
        .forge
        .commit("ada/fleet", "main", &[("clusters/one/web.yaml", Some(&manifest))], "Add web")
        .unwrap();
    story.rolls_out("1.0.0");

    stage.chapter("what there is, is seen, chosen and committed");
    let said = stage.fluxr(&format!("create image repository web --image={image} --interval=1h"));
    assert!(said.contains("✔ ImageRepository reconciliation completed\n"), "{said}");
    let said = stage.fluxr("create image policy web --image-ref=web --select-semver=1.x");
    assert!(said.contains("✔ ImagePolicy reconciliation completed\n"), "{said}");
    let said = stage.fluxr("get images all");
    for words in ["imagerepository/web", "3 tags", "imagepolicy/web", "1.0.1"] {
        assert!(said.contains(words), "no \"{words}\" in\n{said}");
    }
    let said = stage.fails(
        "create image update fleet --timeout=5s --git-repo-ref=flux-system --git-repo-path=./clusters/one --checkout-branch=main \
         --author-name=robot --author-email=robot@example.com --interval=1h \
         '--commit-template=Take {{range .Changed.Changes}}{{.NewValue}}{{end}}'",
    );
    assert!(said.contains("marked as read only"), "{said}");
    let said = stage.why("image update fleet", "PushRefused");
    assert!(said.contains("next: flux bootstrap <forge> --read-write-key\n"), "{said}");
    story.bootstrap("--read-write-key");
    stage.fluxr("reconcile image update fleet");
    assert_eq!(story.last_commit(), format!("Take {image}:1.0.1"));
    story.rolls_out("1.0.1");
    stage.chapter("a new tag");
    story.push("1.1.0");
    story.push("2.0.0");
    let said = stage.fluxr("reconcile image repository web");
    assert!(said.contains("✔ scan fetched 5 tags\n"), "{said}");
    stage.until("get images policy web", "1.1.0");
    let said = stage.fluxr("reconcile image policy web");
    assert!(said.contains(&format!("✔ selected ref {image}:1.1.0\n")), "{said}");
    stage.fluxr("reconcile image update fleet");
    assert_eq!(story.last_commit(), format!("Take {image}:1.1.0"));
    story.rolls_out("1.1.0");
    for object in ["image repository web", "image policy web", "image update fleet"] {
        let said = stage.fluxr(&format!("why {object}"));
        assert!(said.ends_with("\n✔ nothing is wrong\n"), "{said}");
    }
    stage.both_say(&LOOKS);
    stage.both_say(&[
        "reconcile image repository web",
        "reconcile image policy web",
        "reconcile image update fleet",
    ]);

    stage.chapter("suspended, and resumed");
    stage.fluxr("suspend image update fleet");
    story.push("1.2.0");
    stage.fluxr("reconcile image repository web");
    stage.until("get images policy web", "1.2.0");
    stage.both_say(&["get images all", "reconcile image update fleet"]);
    let said = stage.why("image update fleet", "Suspended");
    assert!(said.contains("next: flux resume image update fleet\n"), "{said}");
    assert_eq!(story.last_commit(), format!("Take {image}:1.1.0"));
    stage.fluxr("resume image update fleet");
    assert_eq!(story.last_commit(), format!("Take {image}:1.2.0"));
    story.rolls_out("1.2.0");

    stage.chapter("what can be wrong");
    fail(&story);
}

/// What is wrong is reported by the command that causes it, and named by `why`.
fn fail(story: &Story) {
    let Story { stage, registry, .. } = story;
    let locked = RealRegistry::start(&stage.folder.path().join("locked"), false, true).unwrap();
    let host = locked.host();
    stage.fluxr(&format!("create secret oci login --url={host} --username=ada --password=wrong"));
    let author = "--author-name=a --author-email=b";
    let lines = [
        "policy none --image-ref=web --select-semver=9.x".to_owned(),
        format!("repository none --image={}/acme/none", registry.host()),
        "repository closed --image=127.0.0.1:9/acme/web".to_owned(),
        format!("repository locked --image={host}/acme/web --secret-ref=login"),
        "policy stray --image-ref=missing --select-semver=1.x".to_owned(),
        format!("update stray --git-repo-ref=missing --checkout-branch=main {author}"),
        format!("update branch --git-repo-ref=flux-system --checkout-branch=none {author}"),
    ];
    // Each waits until its limit: the controllers try again.
    std::thread::scope(|scope| {
        for line in &lines {
            scope.spawn(move || stage.fails(&format!("create image {line} --timeout=8s")));
        }
    });
    stage.forge.protect_branch("ada/fleet", "main").unwrap();
    story.push("1.3.0");
    stage.fluxr("reconcile image repository web");
    stage.until("get images policy web", "1.3.0");
    let said = stage.fails("reconcile image update fleet");
    assert!(said.contains("hook declined"), "{said}");
    for (object, code, words) in [
        ("image policy none", "TagNotFound", "no tag that was found by ImageRepository/flux-system/web fits"),
        ("image repository none", "RepositoryNotFound", "/acme/none, or these credentials may not see it"),
        ("image repository closed", "Unreachable", "127.0.0.1:9/acme/web cannot be reached from the cluster"),
        (
            "image repository locked",
            "AuthenticationFailed",
            "refuses the credentials in the Secret \"login\"",
        ),
        ("image policy stray", "SourceMissing", "ImageRepository/flux-system/missing, which does not exist"),
        ("image update stray", "SourceMissing", "GitRepository/flux-system/missing, which does not exist"),
        ("image update branch", "ReferenceNotFound", "/ada/fleet has no branch \"none\""),
        ("image update fleet", "PushRefused", "/ada/fleet does not take what"),
    ] {
        let said = stage.why(object, code);
        assert!(said.contains(words), "{said}");
    }
    stage.both_say(&["get images all", "get images all --status-selector=ready=false"]);
    stage.chapter("the end");
}
