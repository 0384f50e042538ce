//! A registry, a program, and a folder to push.

use crate::support::Cli;
use crate::support::Output;
use std::collections::BTreeMap;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use testbed::registry::RegistryStandIn;

pub(super) struct Stage {
    pub(super) registry: RegistryStandIn,
    pub(super) cli: Cli,
}

pub(super) fn stage() -> Stage {
    let cli = Cli::new();
    let folder = cli.home().join("app");
    for (name, text) in [
        ("deploy.yaml", "kind: Deployment\n"),
        ("base/map.yaml", "kind: ConfigMap\n"),
        (".git/config", "[core]\n"),
        ("picture.png", "no picture\n"),
    ] {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    std::fs::create_dir_all(cli.home().join("out")).unwrap();
    Stage { registry: RegistryStandIn::start().unwrap(), cli }
}

impl Stage {
    /// `oci://<host>/org/app<rest>`.
    pub(super) fn url(&self, rest: &str) -> String {
        format!("oci://{}/org/app{rest}", self.registry.host())
    }

    /// Runs a command line, with URL replaced by the address of the repository.
    pub(super) fn run(&self, line: &str) -> Output {
        self.run_with(line, "")
    }

    pub(super) fn run_with(&self, line: &str, stdin: &str) -> Output {
        let line = line.replace("URL", &self.url(""));
        self.cli.answer(&line.split(' ').collect::<Vec<_>>(), stdin)
    }

    pub(super) fn push(&self, tag: &str) -> Output {
        let seen =
            self.run(&format!("push artifact URL:{tag} --path app --source=git --revision=main@sha1:abc"));
        seen.succeeded();
        seen
    }

    /// Puts an artifact with this content into the registry.
    pub(super) fn put(&self, tag: &str, content: &[u8]) {
        let digest = self.registry.put_blob(content.to_vec());
        self.put_manifest(tag, &digest, content.len());
    }

    pub(super) fn put_manifest(&self, tag: &str, digest: &str, size: usize) {
        let kind = "application/vnd.oci.image.manifest.v1+json";
        let layer = format!(
            r#"{{"mediaType":"application/vnd.cncf.flux.content.v1.tar+gzip","digest":"{digest}","size":{size}}}"#
        );
        let manifest =
            format!(r#"{{"schemaVersion":2,"mediaType":"{kind}","config":{{}},"layers":[{layer}]}}"#);
        self.registry.put_manifest("org/app", tag, manifest, kind);
    }

    /// What `pull` wrote.
    pub(super) fn pulled(&self) -> BTreeMap<String, String> {
        files_below(&self.cli.home().join("out"))
    }
}

/// The files of a folder with their contents.
pub(super) fn files_below(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(at) = open.pop() {
        for entry in std::fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    found
}

pub(super) fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

/// The entries of an archive: kind, permissions, name and content.
pub(super) fn entries(gzip: &[u8]) -> Vec<String> {
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(gzip));
    let entries = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let header = entry.header();
        assert_eq!((header.uid().unwrap(), header.gid().unwrap(), header.mtime().unwrap()), (0, 0, 0));
        let (kind, mode) = (if header.entry_type().is_dir() { 'd' } else { '-' }, header.mode().unwrap());
        let name = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        format!("{kind}{mode:o} {name} {}", text.trim_end()).trim_end().to_owned()
    });
    entries.collect()
}
