//! What an object must wait for and where it gets its content from.

use super::chain::Cause;
use super::chain::Link;
use super::chain::LinkState;
use super::recogniser::Fact;
use super::step::Findings;
use super::step::IN_PROGRESS;
use super::step::Walk;
use crate::api::Kind;
use crate::api::ObjectId;
use crate::api::object;
use crate::kind;
use futures::future::try_join_all;
use serde_json::Value;

impl Walk<'_> {
    /// What `spec.dependsOn` names.
    pub async fn dependencies(
        &self,
        kind: &'static Kind,
        object: &Value,
        path: &[ObjectId],
    ) -> anyhow::Result<Findings> {
        let looks = kind.dependencies(object).map(|wanted| async move {
            self.follow(&wanted, object, path, ("DependencyMissing", "{it} depends on")).await
        });
        let mut found = Findings::default();
        try_join_all(looks).await?.into_iter().for_each(|one| found.add(one));
        Ok(found)
    }

    /// The source of an object, its source in turn, and the artifact.
    pub async fn source(
        &self,
        kind: &'static Kind,
        object: &Value,
        path: &[ObjectId],
    ) -> anyhow::Result<Findings> {
        let Some(source) = (kind.source)(object).filter(|source| !source.name.is_empty()) else {
            return Ok(Findings::default());
        };
        self.follow(&source, object, path, ("SourceMissing", "{it} takes its content from")).await
    }

    /// Looks at an object that another one refers to.
    async fn follow(
        &self,
        wanted: &ObjectId,
        object: &Value,
        path: &[ObjectId],
        (code, relation): (&str, &str),
    ) -> anyhow::Result<Findings> {
        let Some(kind) = kind::by_name(&wanted.kind) else { return Ok(Findings::default()) };
        let found = match get(self.client, kind, wanted).await {
            Ok(found) => found,
            Err(error) => return Ok(Findings::one(unread(wanted, path.len(), &error), None)),
        };
        let Some(found) = found else {
            let missing =
                Link::new(path.len(), wanted.clone(), LinkState::Missing).saying("it does not exist");
            let says = format!("{relation} {wanted}, which does not exist");
            let next = format!("{{program}} get {} -n {}", kind.noun.many.join(" "), wanted.namespace);
            let fact = Fact { object, reason: "", message: "" };
            return Ok(Findings::one(missing, Some(fact.cause(code, &says, &next, self.program))));
        };
        let artifact = artifact(&found, object, path.len() + 1);
        let mut findings = self.examine(kind, found.clone(), path.to_vec()).await?;
        findings.object = Some(found);
        if let Some(artifact) = artifact {
            let behind = (artifact.state == LinkState::Waiting).then(|| self.behind(object, &artifact));
            findings.add(Findings::one(artifact, behind));
        }
        Ok(findings)
    }

    /// The newest artifact was not applied yet.
    fn behind(&self, object: &Value, artifact: &Link) -> Cause {
        let fact = Fact { object, reason: "", message: &artifact.id.name };
        let says = "{it} has not applied {message} yet";
        fact.cause(IN_PROGRESS, says, "{program} get {plural} {name} -n {ns} --watch", self.program)
    }
}

/// The artifact of a source, and whether the object that uses it has it.
fn artifact(source: &Value, user: &Value, depth: usize) -> Option<Link> {
    let revision = object::text(source, "/status/artifact/revision");
    if revision.is_empty() {
        return None;
    }
    let applied = object::text(user, "/status/lastAppliedRevision");
    let is_behind = !applied.is_empty() && applied != revision;
    let id = ObjectId::new("", "Artifact", object::namespace(source), revision);
    Some(match is_behind {
        true => Link::new(depth, id, LinkState::Waiting).saying(format!("applied is {applied}")),
        false => Link::new(depth, id, LinkState::Ok),
    })
}

/// An object that may be missing.
pub async fn get(
    client: &kube::Client,
    kind: &Kind,
    wanted: &ObjectId,
) -> Result<Option<Value>, kube::Error> {
    let resource = kind.api_resource();
    let api: kube::Api<kube::core::DynamicObject> =
        kube::Api::namespaced_with(client.clone(), &wanted.namespace, &resource);
    let Some(found) = api.get_opt(&wanted.name).await? else { return Ok(None) };
    let mut value = serde_json::to_value(found).map_err(kube::Error::SerdeError)?;
    value["kind"] = kind.kind.into();
    value["apiVersion"] = kind.api_version().into();
    Ok(Some(value))
}

/// What could not be read is reported, and does not end the walk.
fn unread(wanted: &ObjectId, depth: usize, error: &kube::Error) -> Link {
    let message = match error {
        kube::Error::Api(status) => status.message.clone(),
        other => other.to_string(),
    };
    let reason = "NotReadable".to_owned();
    Link { depth, id: wanted.clone(), state: LinkState::Waiting, reason, message }
}
