//! Our manifests of the controllers against those of the releases, as the Flux Operator's Go module carries them.

use fluxr::testing::distribution::ComponentOptions;
use fluxr::testing::distribution::Release;
use fluxr::testing::distribution::generate;
use testbed::distribution::Comparison;
use testbed::distribution::compare;
use testbed::distribution::published;

#[test]
#[ignore = "needs the testbed"]
fn our_manifests_are_those_of_each_release() {
    for release in Release::all() {
        let comparison = compare(&release, &published(&release.version).unwrap()).unwrap();
        assert_eq!(comparison.differences, Vec::<String>::new(), "{}", release.version);
        // Fifteen definitions, seven accounts, four Services, seven Deployments; three policies, a quota, three roles, two bindings.
        assert_eq!(comparison.objects, 42, "{}", release.version);
    }
}

#[test]
#[ignore = "needs the testbed"]
fn the_published_files_of_a_release_give_the_same_manifests_as_the_embedded_ones() {
    for release in Release::all() {
        let files = published(&release.version).unwrap();
        let components = release.components.iter().map(|component| component.name.clone()).collect();
        for chosen in [
            ComponentOptions { components, ..ComponentOptions::of(release.clone()) },
            ComponentOptions {
                namespace: "apps".into(),
                components: vec!["source-controller".into()],
                registry: "registry.local".into(),
                image_pull_secret: "pull".into(),
                log_level: "debug".into(),
                cluster_domain: "corp.local".into(),
                watch_all_namespaces: false,
                network_policy: false,
                toleration_keys: vec!["a".into()],
                ..ComponentOptions::of(release.clone())
            },
        ] {
            let read = release.clone().published_as(release.version.clone(), files.clone());
            let (ours, theirs) = (
                generate(&chosen).unwrap(),
                generate(&ComponentOptions { release: read, ..chosen }).unwrap(),
            );
            assert_eq!(ours.len(), theirs.len());
            let mut comparison = Comparison::default();
            for (mine, theirs) in ours.iter().zip(&theirs) {
                comparison.add_as_they_are(mine, theirs);
            }
            assert_eq!(comparison.differences, Vec::<String>::new(), "{}", release.version);
        }
    }
}
