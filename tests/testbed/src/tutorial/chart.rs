//! The chart of the tutorial: a Deployment that runs the version of the chart.

use crate::archive;
use serde_json::json;

pub(super) const NAME: &str = "cache";
const VALUES: &str = "replicas: 1\n";
const TEMPLATE: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels: {app: {{ .Release.Name }}}
  template:
    metadata:
      labels: {app: {{ .Release.Name }}}
    spec:
      containers:
      - name: cache
        image: registry.example/cache:{{ .Chart.Version }}
";

/// The file name of a version.
pub(super) fn file(version: &str) -> String {
    format!("{NAME}-{version}.tgz")
}

/// What a repository at this address says about the versions that it has.
pub(super) fn index(url: &str, versions: &[String]) -> String {
    let of = |version: &String| json!({"apiVersion": "v2", "name": NAME, "version": version, "urls": [format!("{url}/{}", file(version))]});
    let entries: Vec<_> = versions.iter().map(of).collect();
    json!({"apiVersion": "v1", "entries": {NAME: entries}}).to_string()
}

/// The archive of a version.
pub(super) fn packed(version: &str) -> anyhow::Result<Vec<u8>> {
    let description = format!("apiVersion: v2\nname: {NAME}\nversion: {version}\n");
    let files =
        [("Chart.yaml", description.as_str()), ("values.yaml", VALUES), ("templates/cache.yaml", TEMPLATE)];
    archive::chart(NAME, files)
}
