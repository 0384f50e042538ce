//! A second front end: it has no command line and no terminal, and works through `ops` and `present` alone.

use crate::support::ApiServer;
use crate::support::flux_object;
use crate::support::ready;
use fluxr::testing::cluster::Access;
use fluxr::testing::cluster::Deadline;
use fluxr::testing::cluster::Selection;
use fluxr::testing::cluster::connect;
use fluxr::testing::kind::by_name;
use fluxr::testing::ops;
use fluxr::testing::ops::Event;
use fluxr::testing::ops::ReconcileRequest;
use fluxr::testing::ops::Session;
use fluxr::testing::ops::Sink;
use fluxr::testing::ops::get::ColumnsWanted;
use fluxr::testing::ops::get::Rows;
use fluxr::testing::ops::why::Question;
use fluxr::testing::present::Output;
use fluxr::testing::text::Secret;
use futures::future::BoxFuture;
use serde_json::Value;
use serde_json::json;
use std::sync::Mutex;
use std::time::Duration;

/// A page of a portal, say: it keeps what it is told, and permits nothing.
#[derive(Default)]
struct Page(Mutex<Vec<String>>);

impl Page {
    /// What it was told since it was asked before.
    fn read(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    fn keep(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }
}

impl Sink for Page {
    fn tell(&self, event: Event<'_>) {
        self.keep(match event {
            Event::Error(error) => format!("Error({error:#})"),
            other => format!("{other:?}"),
        });
    }

    fn data(&self, text: &str) -> anyhow::Result<()> {
        self.keep(format!("Data({text:?})"));
        Ok(())
    }

    fn line(&self, text: &str) -> anyhow::Result<()> {
        self.data(text)
    }

    fn busy(&self, _: &str) -> Box<dyn Send + '_> {
        Box::new(())
    }

    fn confirm<'s>(
        &'s self,
        question: &'s str,
        _: &'s str,
        refusal: &'s str,
    ) -> BoxFuture<'s, anyhow::Result<()>> {
        self.keep(format!("Asked({question:?})"));
        Box::pin(async move { anyhow::bail!("{refusal}") })
    }

    fn redact(&self, _: &Secret) {}

    fn redacted(&self, text: &str) -> String {
        text.to_owned()
    }

    fn command(&self, command: &str) -> String {
        command.to_owned()
    }
}

#[expect(clippy::disallowed_methods, reason = "this front end has the clock of its machine")]
fn now() -> jiff::Zoned {
    jiff::Zoned::now()
}

/// A controller that answers every request, and fails at one object.
fn with_controller(server: &ApiServer) {
    server.react(|object| {
        let asked = object.pointer("/metadata/annotations/reconcile.fluxcd.io~1requestedAt")?;
        if object.pointer("/status/lastHandledReconcileAt") == Some(asked) {
            return None;
        }
        let mut next = object.clone();
        let (status, message) = if object["metadata"]["name"] == "broken" {
            ("False", "no such path")
        } else {
            ("True", "Applied revision: main@sha1:0f1e2d")
        };
        next["status"] = ready(
            status,
            message,
            json!({"lastHandledReconcileAt": asked, "lastAppliedRevision": "main@sha1:0f1e2d"}),
        );
        let generation = &object["metadata"]["generation"];
        next["status"]["observedGeneration"] = generation.clone();
        next["status"]["conditions"][0]["observedGeneration"] = generation.clone();
        Some((Duration::from_millis(20), next))
    });
}

async fn session<'a>(server: &ApiServer, page: &'a Page) -> Session<'a> {
    let folder = tempfile::tempdir().unwrap();
    let kubeconfig = folder.path().join("kubeconfig");
    std::fs::write(&kubeconfig, server.kubeconfig()).unwrap();
    let access = Access { kubeconfig: vec![kubeconfig], ..Access::default() };
    Session {
        client: connect(&access).await.unwrap(),
        sink: page,
        namespace: "flux-system",
        deadline: Deadline::after(Duration::from_secs(20)),
        poll: Duration::from_millis(100),
        now,
    }
}

/// The objects of a kind as `get` shows them, and as JSON.
async fn shown(session: &Session<'_>, kind: &str) -> (Vec<Vec<String>>, String) {
    let kind = by_name(kind).unwrap();
    let selection =
        Selection { namespace: Some(session.namespace.to_owned()), whole: true, ..Selection::default() };
    let limit = session.deadline.remaining();
    let found = ops::get::list(&session.client, kind, &selection, limit, |object| object).await.unwrap();
    let wanted = ColumnsWanted { all_namespaces: false, show_source: false, wide: false };
    let rows = Rows::new(&[kind], &wanted, None, now().timestamp());
    let table = rows.table(kind, &found.objects, "");
    let Output::Machine(names) = Output::read("jsonpath={.kind}/{.metadata.name} ").unwrap() else {
        panic!()
    };
    let documents = found.objects.iter().map(|object: &Value| names.render(object, true).unwrap());
    (table.rows, documents.collect())
}

#[tokio::test]
async fn suspend_reconcile_get_and_why_work_without_a_command_line_and_a_terminal() {
    let server = ApiServer::with_flux();
    with_controller(&server);
    for name in ["app", "broken"] {
        let spec = json!({"interval": "5m0s", "path": "./app"});
        server.put(flux_object("Kustomization", name, spec, ready("True", "applied", json!({}))));
    }
    let page = Page::default();
    let session = session(&server, &page).await;
    let kind = by_name("Kustomization").unwrap();

    let names = ["app".to_owned(), "none".to_owned()];
    assert_eq!(ops::suspend(&session, kind, &names, None, "a portal").await.unwrap(), 1);
    let told = [
        "Action(\"suspending kustomization app in flux-system namespace\")",
        "Success(\"kustomization suspended\")",
        "Failure(\"Kustomization none not found in flux-system namespace\")",
    ];
    assert_eq!(page.read(), told);
    let (rows, documents) = shown(&session, "Kustomization").await;
    assert_eq!(rows[0], ["app", "", "True", "True", "applied"]);
    assert_eq!(rows[1], ["broken", "", "False", "True", "applied"]);
    assert_eq!(documents, "Kustomization/app Kustomization/broken ");

    let request = |name: &str| ReconcileRequest {
        kind,
        namespace: "flux-system".to_owned(),
        name: name.to_owned(),
        with_source: false,
        force: false,
        reset: false,
    };
    let refused = ops::reconcile(&session, &request("app")).await.unwrap_err();
    assert_eq!(refused.to_string(), "resource is suspended");
    assert_eq!(ops::resume(&session, kind, &names[..1], false).await.unwrap(), 0);
    page.read();
    let after = ops::reconcile(&session, &request("app")).await.unwrap();
    assert_eq!(after["metadata"]["name"], "app");
    let told = [
        "Action(\"annotating Kustomization app in flux-system namespace\")",
        "Success(\"Kustomization annotated\")",
        "Waiting(\"waiting for Kustomization reconciliation\")",
        "Success(\"applied revision main@sha1:0f1e2d\")",
    ];
    assert_eq!(page.read(), told);
    let failed = ops::reconcile(&session, &request("broken")).await.unwrap_err();
    assert!(failed.to_string().contains("no such path"), "{failed:#}");

    let question = Question {
        kind,
        namespace: "flux-system",
        name: "broken",
        program: "portal",
        now: now().timestamp(),
    };
    let answer = ops::why::why(&session.client, question).await.unwrap();
    let answer = serde_json::to_value(&answer).unwrap();
    assert!(
        answer["cause"]["message"].as_str().is_some_and(|message| message.contains("no such path")),
        "{answer}"
    );
}
