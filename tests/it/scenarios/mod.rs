//! Scenarios in the words of a user: each runs on the stand-in for an API server, and in the real tier on a real one.

mod faults;
mod hostile;
mod lines;
mod verbs;

use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::Fault;
use crate::support::flux_object;
use crate::support::ready;
use serde_json::Value;
use serde_json::json;
use std::any::Any;
use std::time::Duration;

pub(crate) const SHA: &str = "0123456789abcdef0123456789abcdef01234567";

/// An API server with [`objects`], real or not.
pub(crate) trait Place {
    fn kubeconfig(&self) -> String;

    /// Stores an object with its status.
    fn put(&self, object: Value);

    fn get(&self, kind: &str, namespace: &str, name: &str) -> Option<Value>;

    fn remove(&self, kind: &str, namespace: &str, name: &str);

    /// The cluster does not know this kind any more.
    fn forget(&self, kind: &str);

    /// Takes any object of Flux's kinds, like a server with the definitions of another time.
    fn take_anything(&self);

    /// As long as the answer lives, whatever is requested or changed is ready and answered after the pause.
    fn with_controllers(&self, pause: Duration) -> Box<dyn Any>;

    /// A kubeconfig by whose way requests fail as planned.
    fn faulty_kubeconfig(&self) -> String;

    /// As [`ApiServer::fail`], on the faulty way.
    fn fail(&self, method: &str, part: &str, times: usize, fault: Fault);

    /// Plans no fault any more.
    fn forgive(&self);

    /// Every request that came by the faulty way: method, path and query.
    fn requests(&self) -> Vec<String>;

    fn cli(&self) -> Cli {
        Cli::new().with_kubeconfig(&self.kubeconfig())
    }

    fn faulty_cli(&self) -> Cli {
        Cli::new().with_kubeconfig(&self.faulty_kubeconfig())
    }
}

/// A name, and what happens.
pub(crate) type Scenario = (&'static str, fn(&dyn Place));

/// All of them.
pub(crate) fn all() -> impl Iterator<Item = &'static Scenario> {
    [verbs::ALL, faults::ALL, hostile::ALL].into_iter().flatten()
}

impl Place for ApiServer {
    fn kubeconfig(&self) -> String {
        Self::kubeconfig(self)
    }

    fn put(&self, object: Value) {
        Self::put(self, object);
    }

    fn get(&self, kind: &str, namespace: &str, name: &str) -> Option<Value> {
        Self::get(self, kind, namespace, name)
    }

    fn remove(&self, kind: &str, namespace: &str, name: &str) {
        Self::remove(self, kind, namespace, name);
    }

    fn forget(&self, kind: &str) {
        let kind = fluxr::testing::kind::by_name(kind).unwrap();
        for object in self.objects().iter().filter(|object| object["kind"] == kind.kind) {
            self.remove(kind.kind, "flux-system", object["metadata"]["name"].as_str().unwrap());
        }
        self.remove("CustomResourceDefinition", "", &kind.crd_name());
    }

    fn take_anything(&self) {
        // It always does.
    }

    fn with_controllers(&self, pause: Duration) -> Box<dyn Any> {
        Self::with_controllers(self, pause);
        Box::new(())
    }

    fn faulty_kubeconfig(&self) -> String {
        Self::kubeconfig(self)
    }

    fn fail(&self, method: &str, part: &str, times: usize, fault: Fault) {
        Self::fail(self, method, part, times, fault);
    }

    fn forgive(&self) {
        Self::forgive(self);
    }

    fn requests(&self) -> Vec<String> {
        Self::requests(self)
    }
}

/// A ready source and a Kustomization that waits.
pub(crate) fn objects() -> [Value; 2] {
    let artifact = json!({"artifact": {
        "revision": format!("main@sha1:{SHA}"), "url": "http://source/app.tar.gz", "path": "app.tar.gz",
        "digest": format!("sha256:{SHA}{}", &SHA[..24]), "lastUpdateTime": "2026-01-02T03:04:05Z",
    }});
    let message = format!("stored main@sha1:{SHA}");
    // With the timeout that a real API server would add.
    let git = json!({
        "url": "https://git.example.com/app", "interval": "1m0s", "timeout": "60s", "secretRef": {"name": "login"},
    });
    let apply =
        json!({"interval": "5m0s", "prune": true, "sourceRef": {"kind": "GitRepository", "name": "app"}});
    [
        flux_object("GitRepository", "app", git, ready("True", &message, artifact)),
        flux_object("Kustomization", "app", apply, ready("False", "not yet", json!({}))),
    ]
}

/// The stand-in with these objects.
pub(crate) fn cluster() -> ApiServer {
    let server = ApiServer::with_flux();
    for object in objects() {
        server.put(object);
    }
    server
}

/// Every scenario is a test on the stand-in; `ALL` is for other places.
macro_rules! scenarios {
    ($(fn $name:ident($place:ident: &dyn Place) $body:block)+) => {
        $(fn $name($place: &dyn Place) $body)+

        pub(crate) const ALL: &[super::Scenario] = &[$((stringify!($name), $name)),+];

        mod on_the_stand_in {
            $(#[test]
            fn $name() {
                super::$name(&crate::scenarios::cluster());
            })+
        }
    };
}

use scenarios;
