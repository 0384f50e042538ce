//! The source Secret as the cluster holds it: how it is read, and how it is written.

use super::options::Options;
use super::options::SourceAuth;
use super::run::Run;
use crate::cluster;
use crate::cluster::Conflicting;
use crate::ops::secret::NewSecret;
use k8s_openapi::api::core::v1::Secret as KubeSecret;
use kube::Api;
use kube::api::PostParams;

fn api(run: &Run<'_>) -> Api<KubeSecret> {
    Api::namespaced(run.session.client.clone(), run.options.namespace())
}

pub(super) fn full_name(options: &Options) -> String {
    format!("{}/{}", options.namespace(), options.secret_name)
}

pub(super) async fn observe(run: &Run<'_>) -> anyhow::Result<Option<KubeSecret>> {
    let look = async {
        let found = api(run).get_opt(&run.options.secret_name).await;
        found.map_err(|error| cluster::explain(error, &format!("reading Secret/{}", full_name(run.options))))
    };
    run.session.deadline.bound(&format!("Secret/{}", full_name(run.options)), look).await
}

/// The same, saying so.
pub(super) async fn look(run: &Run<'_>) -> anyhow::Result<Option<KubeSecret>> {
    let name = full_name(run.options);
    run.session.sink.action(format!("determining if source secret \"{name}\" exists"));
    observe(run).await
}

/// The public key of a Secret that has all that SSH needs.
pub(super) fn public_key_of(secret: &KubeSecret) -> Option<String> {
    let data = secret.data.as_ref()?;
    let text = |key: &str| {
        let value = data.get(key)?;
        std::str::from_utf8(&value.0).ok().filter(|text| !text.trim().is_empty())
    };
    text("identity")?;
    text("known_hosts")?;
    Some(text("identity.pub")?.trim().to_owned())
}

/// Writes these fields, saying so.
pub(super) async fn replace(
    run: &Run<'_>,
    existing: Option<KubeSecret>,
    fields: &NewSecret,
) -> anyhow::Result<()> {
    let name = full_name(run.options);
    run.session.sink.action(format!("determining if source secret \"{name}\" exists"));
    run.session.sink.action("generating source secret");
    run.session.sink.action(format!("applying source secret \"{name}\""));
    write(run, existing, fields).await?;
    run.session.sink.success("reconciled source secret");
    Ok(())
}

/// Creates the Secret or replaces all its fields, so that no old key stays behind; labels, annotations and type are kept.
/// Returns the Secret of another run if that was faster and a key pair was to be created.
pub(super) async fn write(
    run: &Run<'_>,
    existing: Option<KubeSecret>,
    secret: &NewSecret,
) -> anyhow::Result<Option<KubeSecret>> {
    let name = &run.options.secret_name;
    let refused =
        |error: kube::Error| cluster::explain(error, &format!("applying Secret/{}", full_name(run.options)));
    let makes_key = matches!(run.options.auth, SourceAuth::Generated { .. });
    let parameters = PostParams { field_manager: Some("flux".to_owned()), ..PostParams::default() };
    let work = async {
        let mut existing = existing;
        loop {
            let written = match existing {
                None => {
                    let object = secret.object(name, run.options.namespace());
                    api(run).create(&parameters, &object).await
                }
                Some(mut present) => {
                    present.data = Some(secret.data());
                    present.metadata.managed_fields = None;
                    // The resource version makes this fail when another client wrote meanwhile.
                    api(run).replace(name, &parameters, &present).await
                }
            };
            match written {
                Ok(_) => return Ok(None),
                Err(error) if error.is_conflict() => {
                    existing = api(run).get_opt(name).await.map_err(refused)?;
                    if makes_key && existing.as_ref().and_then(public_key_of).is_some() {
                        return Ok(existing);
                    }
                }
                Err(error) => return Err(refused(error)),
            }
        }
    };
    run.session.deadline.bound(&format!("Secret/{}", full_name(run.options)), work).await
}
