//! What is found as declared.

use super::*;
use crate::render::Memory;
use serde_json::json;

fn tree(files: &[(&str, &str)]) -> Memory {
    Memory(files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect())
}

fn shown(declared: &Declared) -> Vec<String> {
    let shown = |one: &Declaration| format!("{} {}:{} #{}", one.id, one.file, one.line, one.document);
    declared.objects.iter().map(shown).collect()
}

#[test]
fn kustomizations_are_followed_and_rename_what_they_list() {
    let object =
        "# one\n---\nkind: A\nmetadata: {name: x}\n---\nkind: B\nmetadata: {name: z, namespace: own}\n";
    let files = [
        ("base/x.yaml", object),
        ("base/kustomization.yaml", "resources: [x.yaml, ../over]\nconfigMapGenerator: [{name: c}]\n"),
        (
            "over/kustomization.yaml",
            "namespace: web\nnamePrefix: p-\nresources:\n- ../base\n- https://example.com/x.yaml\n",
        ),
    ];
    let found = declared(&tree(&files), "over", &json!({"nameSuffix": "-s"})).unwrap();
    assert_eq!(shown(&found), ["A/web/p-x-s base/x.yaml:3 #0", "B/web/p-z-s base/x.yaml:6 #1"]);
    assert_eq!(found.kustomizations[1].generators, ["configMapGenerator"]);
    assert_eq!(found.objects[0].listed.as_ref().map(|listing| listing.entry.as_str()), Some("x.yaml"));
}

#[test]
fn a_folder_without_a_kustomization_is_searched_and_ignore_files_count() {
    let object = "kind: A\nmetadata: {name: x}\n";
    let files = [
        ("c/a.yaml", object),
        ("c/deep/b.yml", object),
        ("c/own/kustomization.yaml", "resources: [o.yaml]\n"),
        ("c/own/o.yaml", object),
        ("c/own/not-listed.yaml", object),
        ("c/hidden/x.yaml", object),
        ("c/.sourceignore", "hidden/\n"),
    ];
    let found = declared(&tree(&files), "c", &json!({"targetNamespace": "web"})).unwrap();
    assert_eq!(
        shown(&found),
        ["A/web/x c/a.yaml:1 #0", "A/web/x c/deep/b.yml:1 #0", "A/web/x c/own/o.yaml:1 #0"]
    );
    let missing = declared(&tree(&[("k/kustomization.yaml", "resources: [gone.yaml]\n")]), "k", &json!({}));
    assert!(missing.unwrap_err().to_string().contains("lists \"gone.yaml\", which does not exist"));
    let out = declared(&tree(&[("k/kustomization.yaml", "resources: [../../x]\n")]), "k", &json!({}));
    assert!(format!("{:#}", out.unwrap_err()).contains("leads out of"));
}

#[test]
fn helm_charts_declare_nothing_unless_a_kustomization_lists_their_files() {
    let object = "kind: A\nmetadata: {name: x}\n";
    let files = [
        ("charts/web/Chart.yaml", "apiVersion: v2\nkind: Chart\nname: web\n"),
        ("charts/web/crds/a.yaml", object),
        ("charts/web/charts/db/templates/x.yaml", "{{ if .Values.x }}"),
        ("charts/web/templates/x.yaml", "{{ if .Values.x }}"),
        ("apps/a.yaml", object),
        ("listed/kustomization.yaml", "resources: [../charts/web/crds/a.yaml]\n"),
        // A folder with the name of the file is not a chart.
        ("other/Chart.yaml/b.yaml", object),
    ];
    let tree = tree(&files);
    let of = |folder: &str| shown(&declared(&tree, folder, &json!({})).unwrap());
    assert_eq!(
        of(""),
        ["A/x apps/a.yaml:1 #0", "A/x charts/web/crds/a.yaml:1 #0", "A/x other/Chart.yaml/b.yaml:1 #0"]
    );
    assert_eq!(of("charts/web"), Vec::<String>::new());
}
