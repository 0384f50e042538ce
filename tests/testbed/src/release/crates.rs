//! The crates that fluxr is made of, as cargo resolves them for a target.

use anyhow::Context;
use cargo_metadata::CargoOpt;
use cargo_metadata::DependencyKind;
use cargo_metadata::Metadata;
use cargo_metadata::MetadataCommand;
use cargo_metadata::Package;
use cargo_metadata::PackageId;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;

/// The crates of the program for one target.
pub struct Crates {
    /// fluxr itself.
    pub program: Package,
    /// What becomes a part of the program, macros included, by name and version; not fluxr itself.
    pub linked: Vec<Package>,
    /// What only build scripts use.
    pub tools: Vec<Package>,
    /// Who depends on whom, among the program and what is linked.
    pub dependencies: BTreeMap<PackageId, BTreeSet<PackageId>>,
}

impl Crates {
    /// Asks cargo in the workspace `source`. The lock file is obeyed; sources that are missing are downloaded.
    ///
    /// # Errors
    /// Cargo fails, or the workspace has no fluxr.
    pub fn resolve(source: &Path, triple: &str) -> anyhow::Result<Self> {
        let metadata = MetadataCommand::new()
            .manifest_path(source.join("Cargo.toml"))
            .features(CargoOpt::SomeFeatures(Vec::new()))
            .other_options(["--locked".to_owned(), "--filter-platform".to_owned(), triple.to_owned()])
            .exec()
            .context("asking cargo for the crates")?;
        let program = metadata.packages.iter().find(|package| package.name == "fluxr");
        let program = program.context("the workspace has no package fluxr")?.clone();
        let dependencies = reached(&metadata, &program.id, &[DependencyKind::Normal])?;
        let all = reached(&metadata, &program.id, &[DependencyKind::Normal, DependencyKind::Build])?;
        let mut packages = metadata.packages;
        packages.retain(|package| package.id != program.id && all.contains_key(&package.id));
        packages.sort_by(|one, other| (&one.name, &one.version).cmp(&(&other.name, &other.version)));
        let (linked, tools) =
            packages.into_iter().partition(|package| dependencies.contains_key(&package.id));
        Ok(Self { program, linked, tools, dependencies })
    }
}

/// Everything that `root` reaches over dependencies of these kinds, each with what it depends on.
fn reached(
    metadata: &Metadata,
    root: &PackageId,
    kinds: &[DependencyKind],
) -> anyhow::Result<BTreeMap<PackageId, BTreeSet<PackageId>>> {
    let resolved = metadata.resolve.as_ref().context("cargo resolved nothing")?;
    let mut reached = BTreeMap::new();
    let mut open = vec![root];
    while let Some(id) = open.pop() {
        if reached.contains_key(id) {
            continue;
        }
        let node = resolved.nodes.iter().find(|node| node.id == *id).context("cargo names each node")?;
        let wanted =
            node.deps.iter().filter(|dep| dep.dep_kinds.iter().any(|kind| kinds.contains(&kind.kind)));
        let ids: Vec<&PackageId> = wanted.map(|dep| &dep.pkg).collect();
        reached.insert(id.clone(), ids.iter().map(|id| (*id).clone()).collect());
        open.extend(ids);
    }
    Ok(reached)
}
