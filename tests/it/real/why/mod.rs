//! `why` on real failures: each one is staged on one cluster with real controllers and a real git server, and must be named rightly.

mod failures;
mod folders;
mod objects;
mod stage;

use failures::Failure;
use failures::failures;
use serde_json::Value;
use serde_json::json;
use stage::Stage;
use std::time::Duration;
use std::time::Instant;

/// Until a controller has tried and failed.
const PATIENCE: Duration = Duration::from_secs(90);

/// Asks until the answer is the wanted one, or for as long as patience lasts: the controllers take turns.
fn asked(stage: &Stage, failure: &Failure) -> Result<Value, String> {
    let begun = Instant::now();
    loop {
        let run = stage.fluxr(&["why", failure.ask, "-n", "stage", "-o", "json"]);
        let answer: Value = serde_json::from_str(&run.out).unwrap_or_default();
        let cause = &answer["cause"];
        let text = |key: &str| cause[key].as_str().unwrap_or_default().to_owned();
        let at = format!("{}/{}/{}", text("kind"), text("namespace"), text("name"));
        let is_right = run.code == Some(1)
            && text("code") == failure.code
            && at.starts_with(failure.at)
            && text("message").contains(failure.says)
            && text("next").contains(failure.next);
        if is_right {
            return Ok(answer);
        }
        if begun.elapsed() > PATIENCE {
            return Err(format!(
                "{} ({}): wanted {} at {} with \"{}\" and \"{}\"\n{answer:#}\n{}",
                failure.title, failure.ask, failure.code, failure.at, failure.says, failure.next, run.err
            ));
        }
        std::thread::sleep(Duration::from_millis(500));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the testbed"]
async fn every_staged_failure_is_named_rightly() {
    let stage = Stage::new().await;
    let failures = failures(&stage);
    assert!(failures.len() >= 20);
    // This one is well first, and then changes what must not change; before the others, which keep the controller busy.
    let (first, others): (Vec<&Failure>, Vec<&Failure>) =
        failures.iter().partition(|failure| ["ks/missing-path", "ks/immutable"].contains(&failure.ask));
    stage.put_all(&first).await;
    stage.wait_until_ready("kustomization/immutable").await;
    stage.commit(&folders::immutable("second"));
    let fetched = stage.fluxr(&["reconcile", "source", "git", "fleet", "-n", "stage"]);
    assert_eq!(fetched.code, Some(0), "{}", fetched.err);
    stage.put_all(&others).await;
    let mut wrong = Vec::new();
    for failure in &failures {
        match asked(&stage, failure) {
            Ok(answer) => println!("{}: {:#}", failure.title, answer["cause"]),
            Err(error) => wrong.push(error),
        }
    }
    let failed = wrong.len();
    assert_eq!(failed, 0, "{failed} of {}:\n{}", failures.len(), wrong.join("\n\n"));

    // A healthy object is reported as such, with all that it depends on.
    stage.wait_until_ready("kustomization/well").await;
    let run = stage.fluxr(&["why", "ks/well", "-n", "stage"]);
    assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
    assert!(run.out.contains("  ✔ GitRepository/stage/fleet: "), "{}", run.out);
    assert!(run.out.contains("  ✔ Deployment/stage/well\n"), "{}", run.out);
    assert!(run.out.ends_with("\n✔ nothing is wrong\n"), "{}", run.out);
    stage.wait_until_ready("helmrelease/well").await;
    let run = stage.fluxr(&["why", "hr", "well", "-n", "stage"]);
    assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
    assert!(run.out.contains("✔ HelmChart/stage/stage-well"), "{}", run.out);
    assert!(run.out.contains("✔ Deployment/stage/well-chart\n"), "{}", run.out);

    // A missing controller is found as well: that of a healthy release is scaled to zero.
    let no_replicas = json!({"spec": {"replicas": 0}});
    stage.merge("Deployment", "flux-system", "helm-controller", &no_replicas).await;
    let gone = Failure {
        title: "a controller that does not run",
        ask: "hr/well",
        objects: Vec::new(),
        code: "ControllerNotRunning",
        at: "Deployment/flux-system/helm-controller",
        says: "helm-controller does not run (0 of 0 replicas are ready)",
        next: "kubectl -n flux-system scale deployment helm-controller --replicas=1",
    };
    asked(&stage, &gone).unwrap();
}
