//! What is committed and packed: well-formed and broken manifests.

/// A Deployment with this name, further lines of its pod's spec, and further labels of the pod.
fn deployment(name: &str, labels: &str, pod: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\nspec:\n  replicas: 1\n  selector:\n    matchLabels: {{app: {name}}}\n  \
         template:\n    metadata:\n      labels: {{app: {name}{labels}}}\n    spec:\n{pod}      containers:\n      - name: app\n        \
         image: registry.example/{name}:1.0.0\n"
    )
}

/// This image does not exist: the testbed plays the kubelet for pods with this label, and tells `ErrImagePull` as a kubelet would.
const NO_SUCH_IMAGE: &str = ", app.kubernetes.io/part-of: flux";

fn config_map(name: &str, value: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  key: {value}\n")
}

/// Every folder but the one that changes later.
pub(super) fn all() -> Vec<(&'static str, String)> {
    vec![
        ("well/app.yaml", deployment("well", "", "")),
        ("plain/app.yaml", config_map("plain", "value")),
        ("broken-yaml/app.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: [broken\n".to_owned()),
        (
            "missing-kind/app.yaml",
            "apiVersion: example.com/v1\nkind: Widget\nmetadata:\n  name: one\n".to_owned(),
        ),
        ("replicas/app.yaml", deployment("replicas", "", "").replace("replicas: 1", "replicas: -1")),
        (
            "missing-namespace/app.yaml",
            config_map("a", "b").replace("name: a", "name: a\n  namespace: nowhere"),
        ),
        ("image/app.yaml", deployment("image", NO_SUCH_IMAGE, "")),
        (
            "quota/app.yaml",
            deployment("quota", "", "").replace("name: quota\nspec", "name: quota\n  namespace: tight\nspec"),
        ),
        ("nodes/app.yaml", deployment("nodes", "", "      nodeSelector: {disk: none-has-it}\n")),
        (
            "certificate/app.yaml",
            "apiVersion: pki.example.com/v1\nkind: Certificate\nmetadata:\n  name: web\nspec:\n  issuer: letters\n".to_owned(),
        ),
        ("variables/app.yaml", config_map("variables", "${UNFINISHED")),
    ]
}

/// A Deployment whose selector, which cannot be changed, names this version.
pub(super) fn immutable(version: &str) -> Vec<(&'static str, String)> {
    let text = deployment("immutable", &format!(", version: {version}"), "");
    vec![(
        "immutable/app.yaml",
        text.replace("{app: immutable}", &format!("{{app: immutable, version: {version}}}")),
    )]
}

/// The files of a chart with one Deployment, but for its description.
pub(super) fn chart() -> Vec<(&'static str, String)> {
    let template = deployment("NAME", "{{ .Values.labels }}", "");
    vec![
        ("values.yaml", "labels: \"\"\n".to_owned()),
        (
            "values.schema.json",
            r#"{"type": "object", "properties": {"labels": {"type": "string"}}}"#.to_owned(),
        ),
        (
            "templates/app.yaml",
            template
                .replace("NAME", "{{ .Release.Name }}-chart")
                .replace("registry.example/{{ .Release.Name }}-chart", "registry.example/web"),
        ),
    ]
}

/// Values with which the pods of the chart cannot pull their image.
pub(super) fn image_label() -> &'static str {
    NO_SUCH_IMAGE
}
