//! Time grows with the number of objects, not with its square.

use fluxr::testing::render::Memory;
use fluxr::testing::render::kustomize;
use fluxr::testing::render::kustomize::Options;
use std::fmt::Write as _;
use std::time::Duration;
use std::time::Instant;

/// So many files, generators, patches and workloads that refer to each other.
fn tree(size: usize) -> Memory {
    let mut files = Memory::default();
    let mut top = "namespace: shop\nnamePrefix: p-\ncommonLabels: {team: a}\n".to_owned();
    let list = |top: &mut String, field: &str, entry: &dyn Fn(usize) -> String| {
        writeln!(top, "{field}:").unwrap();
        (0..size).for_each(|at| writeln!(top, "- {}", entry(at)).unwrap());
    };
    list(&mut top, "resources", &|at| format!("{at}.yaml"));
    list(&mut top, "images", &|at| format!("{{name: ghcr.io/acme/web-{at}, newTag: '2'}}"));
    list(&mut top, "configMapGenerator", &|at| format!("{{name: made-{at}, literals: [a=b]}}"));
    list(&mut top, "patches", &|at| {
        format!(
            "{{target: {{kind: ConfigMap, name: kept-{at}}}, patch: '[{{\"op\": \"add\", \"path\": \"/data/c\", \"value\": \"d\"}}]'}}"
        )
    });
    list(&mut top, "patchesStrategicMerge", &|at| {
        format!("'{{apiVersion: v1, kind: ConfigMap, metadata: {{name: kept-{at}}}, data: {{e: f}}}}'")
    });
    list(&mut top, "replacements", &|at| {
        format!(
            "{{source: {{kind: ConfigMap, name: kept-{at}}}, targets: [{{select: {{kind: Deployment, name: web-{at}}}, fieldPaths: [metadata.annotations.of], options: {{create: true}}}}]}}"
        )
    });
    for at in 0..size {
        let text = format!(
            "{{apiVersion: v1, kind: ConfigMap, metadata: {{name: kept-{at}}}, data: {{a: b}}}}\n---\n\
             {{apiVersion: apps/v1, kind: Deployment, metadata: {{name: web-{at}}}, spec: {{template: {{spec: {{containers: \
             [{{name: web, image: 'ghcr.io/acme/web-{at}:1', envFrom: [{{configMapRef: {{name: made-{at}}}}}, {{configMapRef: {{name: kept-{at}}}}}]}}]}}}}}}}}\n"
        );
        files.0.insert(format!("{at}.yaml"), text.into_bytes());
    }
    files.0.insert("kustomization.yaml".to_owned(), top.into_bytes());
    files
}

fn time_of(size: usize) -> Duration {
    let tree = tree(size);
    let once = || {
        let start = Instant::now();
        let objects = kustomize::build(&tree, "", Options::default()).unwrap();
        assert_eq!(objects.len(), size * 3);
        start.elapsed()
    };
    (0..3).map(|_| once()).min().unwrap()
}

#[test]
fn eight_times_as_many_objects_do_not_take_twenty_times_as_long() {
    let (few, many) = (time_of(50), time_of(400));
    assert!(many < few * 20, "{few:?} for 150 objects, {many:?} for 1,200");
}
