//! What both controllers need: the API server, the artifacts that one makes for the other, the clock.

use super::super::api_server::Shared;
use k8s_openapi::jiff::Timestamp;
use kube::api::Patch;
use kube::api::PatchParams;
use kube::core::DynamicObject;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

/// The files of a source at one revision, by path.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Until something happens.
pub const NEVER: Duration = Duration::from_secs(86_400 * 365);

/// One of the agent's objects.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id {
    pub kind: &'static str,
    pub namespace: String,
    pub name: String,
}

pub struct Surroundings {
    pub api: Arc<Shared>,
    pub client: kube::Client,
    /// By the address of the artifact.
    artifacts: Mutex<BTreeMap<String, Arc<Files>>>,
}

impl Surroundings {
    pub fn new(api: Arc<Shared>, client: kube::Client) -> Self {
        Self { api, client, artifacts: Mutex::default() }
    }

    pub fn get(&self, id: &Id) -> Option<Value> {
        self.api.get(id.kind, &id.namespace, &id.name)
    }

    /// Changes an object by a merge patch; its status where only that is given.
    pub async fn merge(&self, object: &Value, patch: &Value) -> anyhow::Result<()> {
        let api = fluxr::testing::cluster::api_for(&self.client, object).await?;
        let name = text(object, "/metadata/name");
        let (parameters, given) = (PatchParams::default(), Patch::Merge(patch));
        let _: DynamicObject = match patch.get("status") {
            Some(_) => api.patch_status(name, &parameters, &given).await?,
            None => api.patch(name, &parameters, &given).await?,
        };
        Ok(())
    }

    pub fn store(&self, url: String, files: Files) {
        self.lock().insert(url, Arc::new(files));
    }

    pub fn artifact(&self, url: &str) -> Option<Arc<Files>> {
        self.lock().get(url).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Files>>> {
        self.artifacts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The text at a pointer, or nothing.
pub fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The duration at a pointer.
pub fn duration(object: &Value, pointer: &str) -> Option<Duration> {
    text(object, pointer).parse::<fluxr::testing::text::GoDuration>().ok().map(|duration| duration.0)
}

/// Now, as fields of objects hold it.
pub fn now() -> String {
    #[expect(clippy::disallowed_methods, reason = "a controller stamps what it writes")]
    let now = Timestamp::now();
    now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
