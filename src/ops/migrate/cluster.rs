//! The objects of a cluster: each is written once, so that the API server stores it in the present version.

use crate::api::api_resource;
use crate::api::object;
use crate::cluster;
use crate::cluster::Conflicting;
use crate::ops::Session;
use crate::ops::check::list_labelled;
use anyhow::Context;
use kube::Api;
use kube::api::ListParams;
use kube::api::Patch;
use kube::api::PatchParams;
use kube::core::DynamicObject;
use serde_json::Value;
use serde_json::json;

/// How many objects are asked for at once.
const PAGE: u32 = 500;

/// Migrates the objects of all definitions of Flux, then says in each definition that no other version is stored. With `dry_run` nothing
/// is written.
///
/// # Errors
/// What the API server answers; the first refusal ends the run.
pub async fn migrate_cluster(session: &Session<'_>, dry_run: bool) -> anyhow::Result<()> {
    let Session { client, sink, deadline, .. } = session;
    let work = async {
        let definitions = list_labelled(client, &cluster::CUSTOM_RESOURCE_DEFINITION, None).await;
        let doing = "failed to list CRDs";
        for definition in definitions.map_err(|error| cluster::explain(error, doing))? {
            migrate_kind(session, &definition, dry_run).await?;
        }
        anyhow::Ok(())
    };
    deadline.bound("the migration", work).await?;
    sink.success(match dry_run {
        true => "dry-run mode enabled, no changes will be made",
        false => "custom resources migrated successfully",
    });
    Ok(())
}

async fn migrate_kind(session: &Session<'_>, definition: &Value, dry_run: bool) -> anyhow::Result<()> {
    let name = object::name(definition);
    let versions = object::list(definition, "/spec/versions");
    let stored = versions.iter().find(|version| version["storage"] == true);
    let stored = stored.map(|version| object::text(version, "/name")).filter(|version| !version.is_empty());
    let stored = stored.with_context(|| format!("no storage version found for CRD {name}"))?;
    let text = |path| object::text(definition, path);
    let api_version = format!("{}/{stored}", text("/spec/group"));
    let resource = api_resource(&api_version, text("/spec/names/kind"), text("/spec/names/plural"));
    let kind = Objects { session, api_version: &api_version, version: stored, dry_run, resource: &resource };
    let migrated = cluster::despite_conflicts(session.deadline, || kind.migrate(name)).await;
    migrated
        .map_err(|stopped| stopped.error.context(format!("failed to migrate resources for CRD {name}")))?;
    let listed = object::list(definition, "/status/storedVersions");
    if listed == [json!(stored)] || dry_run {
        return Ok(());
    }
    // With the version that was read, so that a change meanwhile is not overwritten.
    let patch = json!({
        "metadata": {"resourceVersion": text("/metadata/resourceVersion")},
        "status": {"storedVersions": [stored]},
    });
    let definitions: Api<DynamicObject> =
        Api::all_with(session.client.clone(), &cluster::CUSTOM_RESOURCE_DEFINITION.api_resource());
    let written = definitions.patch_status(name, &PatchParams::default(), &Patch::Merge(patch)).await;
    written.map_err(|error| cluster::explain(error, &format!("failed to update CRD {name} status")))?;
    session.sink.success(format!("{name} migrated to storage version {stored}"));
    Ok(())
}

/// Why the objects of a kind could not be written.
struct Stopped {
    error: anyhow::Error,
    by_conflict: bool,
}

impl Conflicting for Stopped {
    fn is_conflict(&self) -> bool {
        self.by_conflict
    }
}

impl Stopped {
    fn of(error: kube::Error, doing: &str) -> Self {
        let by_conflict = error.is_conflict();
        Self { error: cluster::explain(error, doing), by_conflict }
    }
}

/// The objects of one kind.
struct Objects<'a> {
    session: &'a Session<'a>,
    resource: &'a kube::core::ApiResource,
    api_version: &'a str,
    version: &'a str,
    dry_run: bool,
}

impl Objects<'_> {
    async fn migrate(&self, definition: &str) -> Result<(), Stopped> {
        let Session { client, sink, .. } = self.session;
        let everywhere: Api<DynamicObject> = Api::all_with(client.clone(), self.resource);
        let mut asked = ListParams::default().limit(PAGE);
        loop {
            let page = everywhere.list(&asked).await.map_err(|error| {
                Stopped::of(error, &format!("failed to list resources for CRD {definition}"))
            })?;
            for object in &page.items {
                let name = object.metadata.name.as_deref().unwrap_or_default();
                let namespace = object.metadata.namespace.as_deref().unwrap_or_default();
                let id = format!("{}/{namespace}/{name}", self.resource.kind);
                if self.dry_run {
                    sink.action(format!("{id} would be written in version {}", self.version));
                    continue;
                }
                self.write(object, namespace, name, &id).await?;
                sink.success(format!("{id} migrated to version {}", self.version));
            }
            match page.metadata.continue_.filter(|token| !token.is_empty()) {
                Some(token) => asked.continue_token = Some(token),
                None => return Ok(()),
            }
        }
    }

    /// Writes the object as it is, but for the versions in the records of who wrote which field. One that has gone needs nothing.
    async fn write(
        &self,
        object: &DynamicObject,
        namespace: &str,
        name: &str,
        id: &str,
    ) -> Result<(), Stopped> {
        let client = self.session.client.clone();
        let api: Api<DynamicObject> = match namespace {
            "" => Api::all_with(client, self.resource),
            namespace => Api::namespaced_with(client, namespace, self.resource),
        };
        let mut records = object.metadata.managed_fields.clone().unwrap_or_default();
        let is_old = |version: &Option<String>| version.as_deref() != Some(self.api_version);
        let (patch, what) = if records.iter().any(|record| is_old(&record.api_version)) {
            for record in &mut records {
                record.api_version = Some(self.api_version.to_owned());
            }
            // The version that was read: the records of other clients must not be lost.
            let version = &object.metadata.resource_version;
            let metadata = json!({"managedFields": records, "resourceVersion": version});
            (json!({"metadata": metadata}), " managed fields")
        } else {
            (json!({}), "")
        };
        match api.patch(name, &PatchParams::default(), &Patch::Merge(patch)).await {
            Ok(_) => Ok(()),
            Err(error) if cluster::is_not_found(&error) => Ok(()),
            Err(error) => Err(Stopped::of(error, &format!("{id} failed to migrate{what}"))),
        }
    }
}
