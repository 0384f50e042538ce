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
    stage.fluxr(&format!(
        "bootstrap github --owner=ada --personal --repository=fleet --path=clusters/one --read-write-key --timeout=90s \
         --hostname={} --ssh-hostname={} --ca-file={} \
         --components-extra=image-reflector-controller,image-automation-controller",
        stage.forge.host(),
        stage.forge.ssh_host(),
        stage.forge.ca_file().display(),
    ));
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
    let said = stage.fluxr(
        "create image update fleet --git-repo-ref=flux-system --git-repo-path=./clusters/one --checkout-branch=main \
         --author-name=robot --author-email=robot@example.com --interval=1h \
         '--commit-template=Take {{range .Changed.Changes}}{{.NewValue}}{{end}}'",
    );
    assert!(said.contains("✔ ImageUpdateAutomation reconciliation completed\n"), "{said}");
    assert_eq!(stage.forge.commits("ada/fleet", "main").unwrap()[0], format!("Take {image}:1.0.1"));
    story.rolls_out("1.0.1");
    stage.both_say(&LOOKS);

    stage.chapter("a new tag");
    story.push("1.1.0");
    story.push("2.0.0");
    let said = stage.fluxr("reconcile image repository web");
    assert!(said.contains("✔ scan fetched 5 tags\n"), "{said}");
    stage.until("get images policy web", "1.1.0");
    let said = stage.fluxr("reconcile image policy web");
    assert!(said.contains(&format!("✔ selected ref {image}:1.1.0\n")), "{said}");
    let said = stage.fluxr("reconcile image update fleet");
    println!("{said}");
    assert_eq!(stage.forge.commits("ada/fleet", "main").unwrap()[0], format!("Take {image}:1.1.0"));
    story.rolls_out("1.1.0");
    for object in ["image repository web", "image policy web", "image update fleet"] {
        let said = stage.fluxr(&format!("why {object}"));
        assert!(said.ends_with("\n✔ nothing is wrong\n"), "{said}");
        println!("{said}");
    }
    println!("{}", stage.fluxr("events --for=ImageUpdateAutomation/fleet"));
    println!("{}", stage.fluxr("get images all"));
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
    assert!(said.contains("next: flux resume image update fleet -n flux-system"), "{said}");
    assert_eq!(stage.forge.commits("ada/fleet", "main").unwrap()[0], format!("Take {image}:1.1.0"));
    let said = stage.fluxr("resume image update fleet");
    println!("{said}");
    assert_eq!(stage.forge.commits("ada/fleet", "main").unwrap()[0], format!("Take {image}:1.2.0"));
    story.rolls_out("1.2.0");

    stage.chapter("what can be wrong");
    fail(&story);
}

/// What is wrong is said by the command that makes it, and named by `why`.
fn fail(story: &Story) {
    let Story { stage, image, registry } = story;
    let locked = RealRegistry::start(&stage.folder.path().join("locked"), false, true).unwrap();
    let host = locked.host();
    stage.fluxr(&format!("create secret oci login --url={host} --username=ada --password=wrong"));
    for line in [
        "create image policy none --image-ref=web --select-semver=9.x --timeout=10s".to_owned(),
        format!("create image repository none --image={}/acme/none --timeout=10s", registry.host()),
        "create image repository closed --image=127.0.0.1:9/acme/web --timeout=10s".to_owned(),
        format!("create image repository locked --image={host}/acme/web --secret-ref=login --timeout=10s"),
        "create image policy stray --image-ref=missing --select-semver=1.x --timeout=10s".to_owned(),
        "create image update stray --git-repo-ref=missing --checkout-branch=main --author-name=a --author-email=b --timeout=10s".to_owned(),
        "create image update branch --git-repo-ref=flux-system --checkout-branch=none --author-name=a --author-email=b --timeout=10s".to_owned(),
    ] {
        println!("$ {line}\n{}", stage.fails(&line));
    }
    stage.forge.protect_branch("ada/fleet", "main").unwrap();
    story.push("1.3.0");
    stage.fluxr("reconcile image repository web");
    stage.until("get images policy web", "1.3.0");
    println!("{}", stage.fails("reconcile image update fleet --timeout=20s"));
    for object in [
        "imagepolicy/none",
        "imagerepository/none",
        "imagerepository/closed",
        "imagerepository/locked",
        "imagepolicy/stray",
        "imageupdateautomation/stray",
        "imageupdateautomation/branch",
        "imageupdateautomation/fleet",
    ] {
        println!("$ why {object}\n{}", stage.fails(&format!("why {object}")));
    }
    stage.both_say(&["get images all", "get images all --status-selector=ready=false"]);
    let _ = image;
}
