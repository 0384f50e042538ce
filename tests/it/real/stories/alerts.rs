//! Notifications: what breaks and what is healed is told to a webhook, and a webhook starts a reconciliation at once.

use super::stage::Stage;
use super::stage::eventually;
use crate::support::Asked;
use crate::support::Web;
use serde_json::Value;
use std::ops::Range;
use std::time::Duration;
use std::time::Instant;

/// From the call of a webhook to the applied revision, on a machine that does other things too.
const AT_ONCE: Duration = Duration::from_secs(1);
/// How often that is measured for each type, at least and at most; the fastest counts.
const ROUNDS: Range<usize> = 2..6;
/// The types of receivers that `trigger receiver` can call without an issuer of tokens.
const TYPES: [&str; 2] = ["generic", "generic-hmac"];

/// Both programs only look at what is there.
const LOOKS: [&str; 11] = [
    "get alerts",
    "get alert-providers",
    "get receivers",
    "get receivers generic",
    "get all",
    "events --for=Alert/everything",
    "events --for=Receiver/generic",
    "export alert everything",
    "export alert-provider --all",
    "export receiver generic",
    "get alerts -A --no-header",
];

fn map(colour: &str) -> String {
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: app\n  namespace: default\ndata:\n  colour: {colour}\n"
    )
}

/// Takes everything but at one path.
fn answer(asked: &Asked) -> Option<(u16, Vec<u8>)> {
    Some((if asked.path == "/refuses" { 403 } else { 200 }, Vec::new()))
}

struct Story {
    stage: Stage,
    /// Takes the alerts.
    chat: Web,
}

impl Story {
    fn begin() -> Self {
        let stage = Stage::new();
        stage.forge.create_public_repository("ada/app").unwrap();
        Self { stage, chat: Web::start(answer) }
    }

    /// The developers commit; the revision.
    fn commit(&self, text: &str) -> String {
        let commit =
            self.stage.forge.commit("ada/app", "main", &[("map.yaml", Some(text))], "Change it").unwrap();
        format!("main@sha1:{commit}")
    }

    /// What was told at a path of the chat.
    fn heard(&self, path: &str) -> Vec<Value> {
        let of_path = |asked: &Asked| asked.path == path;
        self.chat
            .seen()
            .iter()
            .filter(|asked| of_path(asked))
            .map(|asked| serde_json::from_str(&asked.body).unwrap())
            .collect()
    }

    /// Waits for an alert about the Kustomization.
    #[track_caller]
    fn hears(&self, path: &str, severity: &str, words: &str) -> Value {
        let is_it = |event: &Value| {
            event["severity"] == severity
                && event["involvedObject"]["kind"] == "Kustomization"
                && event["message"].as_str().is_some_and(|message| message.contains(words))
        };
        let find = || self.heard(path).into_iter().find(is_it);
        let begun = Instant::now();
        loop {
            if let Some(found) = find() {
                return found;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(20),
                "{path} does not hear \"{words}\": {:#?}",
                self.heard(path)
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

#[test]
#[ignore = "needs the testbed"]
fn what_breaks_and_what_is_healed_is_told_and_a_webhook_starts_a_reconciliation_at_once() {
    let story = Story::begin();
    let Story { stage, chat } = &story;
    stage.chapter("an application and those who want to know about it");
    stage.fluxr("install --components=source-controller,kustomize-controller,notification-controller");
    story.commit(&map("red"));
    let url = stage.forge.public_url("ada/app");
    stage.fluxr(&format!("create source git app --url={url} --branch=main --interval=1h"));
    stage.fluxr("create secret receiver chat --type=generic --hostname=flux.example.com --token=t0p-s3cret");
    for (name, path, more) in [("chat", "", ""), ("signed", "/signed", " --secret-ref=chat")] {
        let kind = if more.is_empty() { "generic" } else { "generic-hmac" };
        let said = stage
            .fluxr(&format!("create alert-provider {name} --type={kind} --address={}{path}{more}", chat.url));
        assert!(said.ends_with(&format!("✔ Provider {name} is ready\n")), "{said}");
    }
    let said = stage.fluxr(
        "create alert everything --provider-ref=chat --event-source=Kustomization/*,GitRepository/app",
    );
    assert!(said.ends_with("✔ Alert everything is ready\n"), "{said}");
    stage.fluxr(
        "create alert failures --provider-ref=signed --event-severity=error --event-source=Kustomization/app",
    );
    stage.fluxr("create kustomization app --source=app --path=./ --prune=true --interval=1h");
    story.hears("/", "info", "ConfigMap/default/app created");

    stage.chapter("a broken commit");
    let broken = story.commit(&map("[red"));
    assert!(stage.fails("reconcile kustomization app --with-source").contains("map.yaml"));
    let told = story.hears("/signed", "error", "map.yaml");
    assert!(told["metadata"].to_string().contains(&broken), "{told:#}");
    stage.why("kustomization app", "BuildFailed");
    stage.both_say(&["events --for=Kustomization/app --types=Warning"]);

    stage.chapter("repaired, drifted and healed");
    // What was in the cluster before, so that the event about the healed object is the first of its kind: the same is not sent again for minutes.
    story.commit(&map("red"));
    stage.fluxr("reconcile kustomization app --with-source");
    stage.kubectl(r#"-n default patch configmap app --type=merge -p {"data":{"colour":"green"}}"#);
    assert_eq!(stage.field("configmap/app", ".data.colour"), "green");
    stage.fluxr("reconcile kustomization app");
    assert_eq!(stage.field("configmap/app", ".data.colour"), "red");
    story.hears("/", "info", "ConfigMap/default/app configured");
    let failures = story.heard("/signed");
    assert!(failures.iter().all(|event| event["severity"] == "error"), "{failures:#?}");
    let signed = chat.seen().into_iter().filter(|asked| asked.path == "/signed");
    assert!(signed.into_iter().all(|asked| asked.headers["x-signature"].starts_with("sha256=")));

    stage.chapter("webhooks");
    call(&story);
    stage.both_say(&LOOKS);

    stage.chapter("suspended, and resumed");
    stage.fluxr("suspend alert everything");
    let before = story.heard("/").len();
    stage.kubectl("-n default delete configmap app");
    stage.fluxr("reconcile kustomization app");
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(story.heard("/").len(), before);
    stage.both_say(&["get alerts"]);
    stage.fluxr("resume alert everything");
    stage.kubectl("-n default delete configmap app");
    stage.fluxr("reconcile kustomization app");
    eventually("alerts are told again", || story.heard("/").len() > before);

    stage.chapter("what can be wrong");
    fail(&story);
}

/// Receivers of both types, from the Secret to the applied commit.
#[expect(clippy::print_stdout, reason = "the gate shows it")]
fn call(story: &Story) {
    let stage = &story.stage;
    let webhooks = stage.cluster.address("notification-controller", "receiver").unwrap();
    for kind in TYPES {
        let token = format!("t0ken-of-{kind}");
        stage.fluxr(&format!(
            "create secret receiver {kind} --type={kind} --hostname=flux.example.com --token={token}"
        ));
        let said = stage.fluxr(&format!(
            "create receiver {kind} --type={kind} --secret-ref={kind} --resource=GitRepository/app"
        ));
        let path = said.split_once("✔ generated webhook URL ").unwrap().1.trim();
        let annotation = r".metadata.annotations.notification\.toolkit\.fluxcd\.io/webhook";
        let secret = stage.field(&format!("secret/{kind} -n flux-system"), annotation);
        assert_eq!(secret, format!("https://flux.example.com{path}"));
        let call = format!("trigger receiver {kind} --url=http://{webhooks} --type={kind} --token={token}");
        let mut took: Vec<Duration> = Vec::new();
        while took.len() < ROUNDS.start || took.len() < ROUNDS.end && took.iter().all(|one| *one > AT_ONCE) {
            let colour = format!("{kind}-{}", took.len());
            let revision = story.commit(&map(&colour));
            let begun = Instant::now();
            let said = stage.fluxr(&call);
            assert!(said.ends_with(&format!("✔ Receiver flux-system/{kind} triggered\n")), "{said}");
            stage.fluxr(&format!("wait kustomization/app --for=revision={revision}"));
            took.push(begun.elapsed());
            assert_eq!(stage.field("configmap/app", ".data.colour"), colour);
        }
        println!("{kind}: {took:?} from the call to the applied revision");
        assert!(took.iter().min().unwrap() < &AT_ONCE, "{took:?}");
        stage.both_say(&[&format!("reconcile receiver {kind}")]);
        assert!(stage.fluxr(&format!("why receiver {kind}")).ends_with("\n✔ nothing is wrong\n"));
    }
    let url = format!("--url=http://{webhooks} --retries=0");
    for (line, status, hint) in [
        ("generic --token=wrong", "404 Not Found", "the path consists of"),
        ("none --token=t0ken-of-generic", "404 Not Found", "the path consists of"),
        ("generic-hmac --token=t0ken-of-generic-hmac", "400 Bad Request", "--type and --token must be"),
    ] {
        let said = stage.fails(&format!("trigger receiver {line} {url}"));
        assert!(said.contains(&format!(" failed with status {status}\nhint: {hint}")), "{said}");
    }
    // What proves more than is asked for is taken.
    stage.fluxr(&format!("trigger receiver generic {url} --token=t0ken-of-generic --type=generic-hmac"));
}

/// What is wrong is named by `why`, also where the object itself says that it is ready.
fn fail(story: &Story) {
    let Story { stage, chat } = story;
    let webhooks = stage.cluster.address("notification-controller", "receiver").unwrap();
    let trigger = |name: &str, token: &str| {
        let line = format!("trigger receiver {name} --url=http://{webhooks} --retries=0 --token={token}");
        assert!(stage.fails(&line).contains(&format!("hint: `flux why receiver/{name}` finds the cause")));
    };
    stage.fluxr("suspend receiver generic");
    trigger("generic", "t0ken-of-generic");
    stage.why("receiver generic", "Suspended");
    stage.fluxr(
        "create secret receiver stray --type=generic --hostname=flux.example.com --token=t0ken-of-stray",
    );
    stage.fluxr("create receiver stray --type=generic --secret-ref=stray --resource=GitRepository/none");
    trigger("stray", "t0ken-of-stray");
    stage.why("receiver stray", "ResourceMissing");
    let bare =
        "create receiver bare --type=generic --secret-ref=none --resource=GitRepository/app --timeout=3s";
    assert!(stage.fails(bare).contains("TokenNotFound"));
    stage.why("receiver bare", "SecretMissing");
    stage.fluxr("create alert-provider bare --type=slack --secret-ref=none");
    stage.fluxr("create alert bare --provider-ref=bare --event-source=Kustomization/none");
    stage.why("alert bare", "SecretMissing");

    stage.fluxr(&format!("create alert-provider deaf --type=generic --address={}/refuses", chat.url));
    stage.fluxr("create alert deaf --provider-ref=deaf --event-source=Kustomization/app");
    stage.kubectl("-n default delete configmap app");
    stage.fluxr("reconcile kustomization app");
    assert!(stage.why("alert deaf", "NotificationDispatchFailed").contains("status code 403"));
    stage.both_say(&["events --for=Alert/deaf", "get alerts"]);
    stage.chapter("the end");
}
