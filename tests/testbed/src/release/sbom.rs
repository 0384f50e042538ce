//! The bill of materials of a program: CycloneDX 1.5 in JSON.
//!
//! CycloneDX and not SPDX, because scanners read both, and it holds the graph of dependencies in a tenth of the bytes.

use super::crates::Crates;
use super::licences;
use super::native;
use super::native::Native;
use anyhow::Context;
use cargo_metadata::Package;
use cargo_metadata::PackageId;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;

/// The part of `Cargo.lock` that says what was downloaded.
#[derive(Deserialize)]
struct Lock {
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    checksum: Option<String>,
}

/// The bill of `crates` for the target `triple`; `lock` is the text of `Cargo.lock`, `time` that of the commit as RFC 3339 has it.
///
/// # Errors
/// A lock file that cannot be read.
pub fn sbom(crates: &Crates, triple: &str, lock: &str, time: &str) -> anyhow::Result<String> {
    let lock: Lock = toml::from_str(lock).context("reading Cargo.lock")?;
    let checksums: BTreeMap<(String, String), String> = lock
        .package
        .into_iter()
        .filter_map(|locked| Some(((locked.name, locked.version), locked.checksum?)))
        .collect();
    let mut components = Vec::new();
    let mut dependencies = Vec::new();
    let references: BTreeMap<&PackageId, String> = [&crates.program]
        .into_iter()
        .chain(&crates.linked)
        .map(|package| (&package.id, purl(package)))
        .collect();
    for package in [&crates.program].into_iter().chain(&crates.linked) {
        let mut used: Vec<String> =
            crates.dependencies[&package.id].iter().filter_map(|id| references.get(id).cloned()).collect();
        if package.id != crates.program.id {
            let key = (package.name.to_string(), package.version.to_string());
            components.push(component(package, "library", checksums.get(&key)));
        }
        for native in native::carried_by(package) {
            let carried = carried(native, package);
            used.push(carried["bom-ref"].as_str().unwrap_or_default().to_owned());
            dependencies.push(json!({"ref": carried["bom-ref"]}));
            components.push(carried);
        }
        used.sort();
        dependencies.push(json!({"ref": purl(package), "dependsOn": used}));
    }
    let bill = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "timestamp": time,
            "component": component(&crates.program, "application", None),
            "properties": [{"name": "cdx:rustc:sbom:target:triple", "value": triple}],
        },
        "components": components,
        "dependencies": dependencies,
    });
    Ok(format!("{}\n", serde_json::to_string_pretty(&bill)?))
}

/// The address of a crate as scanners know it.
fn purl(package: &Package) -> String {
    format!("pkg:cargo/{}@{}", package.name, package.version.to_string().replace('+', "%2B"))
}

fn component(package: &Package, kind: &str, checksum: Option<&String>) -> Value {
    let mut component = json!({
        "type": kind,
        "bom-ref": purl(package),
        "name": package.name,
        "version": package.version.to_string(),
        "purl": purl(package),
    });
    if let Some(text) = &package.description {
        component["description"] = json!(text.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    if let Some(Ok(licence)) = package.license.as_deref().map(licences::parse) {
        component["licenses"] = json!([{"expression": expression(&licence)}]);
    }
    if let Some(checksum) = checksum {
        component["hashes"] = json!([{"alg": "SHA-256", "content": checksum}]);
    }
    if let Some(url) = &package.repository {
        component["externalReferences"] = json!([{"type": "vcs", "url": url}]);
    }
    component
}

fn carried(native: &Native, carrier: &Package) -> Value {
    let version = native.version(carrier);
    let address = version.as_ref().map_or_else(String::new, |version| format!("@{version}"));
    let purl = format!("pkg:generic/{}{address}", native.name);
    let mut component = json!({
        "type": "library",
        "bom-ref": format!("{purl}#{}", carrier.name),
        "name": native.name,
        "purl": purl,
        "licenses": [{"expression": native.licence}],
    });
    if let Some(version) = version {
        component["version"] = json!(version);
    }
    component
}

/// The strict form of an expression: `MIT/Apache-2.0` becomes `MIT OR Apache-2.0`.
fn expression(licence: &spdx::Expression) -> String {
    let written = licence.to_string();
    spdx::Expression::canonicalize(&written).ok().flatten().unwrap_or(written)
}
