//! `vars`: values of fields, which take the place of `$(NAME)` at the end of a build.

use super::fieldspec::FieldSpec;
use super::fieldspec::Make;
use super::file::Reference;
use super::file::Var;
use super::id::Gvk;
use super::id::Id;
use super::path;
use super::resource::Resource;
use super::set::Set;
use crate::text::yaml;
use crate::text::yaml::Form;
use crate::text::yaml::Node;
use crate::text::yaml::Scalar;
use crate::text::yaml::Tag;
use anyhow::Context;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// Vars by their names.
pub(super) type Vars = BTreeMap<String, Var>;

/// Takes in the vars of a kustomization, and marks the resources that they mean: names may change until their values are read.
///
/// # Errors
/// A var that is there already, one that may mean several resources.
pub(super) fn add(set: &mut Set, vars: &mut Vars, more: &[Var]) -> anyhow::Result<()> {
    for var in more {
        let id = var.objref.id();
        let is_exact = !id.namespace.is_empty() || id.gvk.is_cluster_scoped();
        let is_meant = |resource: &Resource| {
            !resource.node.is_empty()
                && resource.all_ids().iter().any(|own| {
                    if is_exact { own.is_same(&id) } else { own.name == id.name && own.gvk == id.gvk }
                })
        };
        let mut found = set.iter_mut().filter(|resource| is_meant(resource));
        if let Some(resource) = found.next() {
            resource.variables.push(var.name.clone());
        }
        let further = found.count();
        anyhow::ensure!(
            further == 0,
            "found {} resId matches for var {} (unable to disambiguate) of {}",
            further + 1,
            var.name,
            var.place
        );
    }
    merge(vars, more.iter().map(|var| (var.name.clone(), var.clone())))
}

/// Takes in the vars of a base.
///
/// # Errors
/// A var that is there already.
pub(super) fn merge(vars: &mut Vars, more: impl IntoIterator<Item = (String, Var)>) -> anyhow::Result<()> {
    for (name, var) in more {
        if let Some(known) = vars.get(&name) {
            anyhow::bail!("var '{name}' already encountered: in {} and {}", known.place, var.place);
        }
        vars.insert(name, var);
    }
    Ok(())
}

/// Replaces the vars. Returns those that are not used.
///
/// # Errors
/// A var that means no field of any resource; a place that cannot hold one.
pub(super) fn resolve(set: &mut Set, vars: &Vars, specs: &[FieldSpec]) -> anyhow::Result<Vec<String>> {
    if vars.is_empty() {
        return Ok(Vec::new());
    }
    let mut holders: BTreeMap<&str, &Resource> = BTreeMap::new();
    for resource in set.iter() {
        for name in &resource.variables {
            holders.entry(name).or_insert(resource);
        }
    }
    let mut values = BTreeMap::new();
    for var in vars.values() {
        let resource = holders.get(var.name.as_str()).with_context(|| {
            let reason = "cannot be mapped to a field in the set of known resources";
            format!("var '{}' {reason}: in {}", var.name, var.place)
        })?;
        let found = path::lookup(&resource.node, &var.path()).ok().flatten();
        let missing = || {
            let reason = format!("field specified in var '{}' not found in corresponding resource", var.name);
            format!("{reason}: in {}, of {}", var.place, resource.named())
        };
        let node = found.with_context(missing)?;
        values.insert(var.name.clone(), Value::of(node).with_context(missing)?);
    }
    let mut replacer = Replacer { values, used: BTreeSet::new() };
    for resource in set.iter_mut() {
        let named = resource.named();
        for spec in specs {
            spec.apply(&mut resource.node, Make::Nothing, &mut |node| replacer.visit(node))
                .with_context(|| named.to_string())?;
        }
    }
    Ok(vars.keys().filter(|name| !replacer.used.contains(*name)).cloned().collect())
}

/// The value of a var.
#[derive(Debug, PartialEq)]
enum Value {
    Text(String),
    Integer(i64),
    Float(f64),
    Bool(String),
    /// A mapping or a list, which nothing can be replaced by.
    Other,
}

impl Value {
    fn of(node: &Node) -> anyhow::Result<Self> {
        let Node::Scalar(scalar) = node else { return Ok(Self::Other) };
        if scalar.tag == Tag::Unset {
            return Ok(Self::Text(scalar.text.clone()));
        }
        Ok(match Node::Scalar(scalar.clone()).to_value() {
            Ok(serde_json::Value::Number(number)) if number.is_f64() || scalar.settled() == Tag::Float => {
                Self::Float(number.as_f64().context("a number that no float holds")?)
            }
            // One with a prefix or underscores is refused, as there.
            Ok(serde_json::Value::Number(_)) => Self::Integer(scalar.text.parse()?),
            Ok(serde_json::Value::Bool(flag)) => Self::Bool(flag.to_string()),
            _ => Self::Text(scalar.text.clone()),
        })
    }

    /// The value where a var is all of a field.
    fn scalar(&self) -> Option<(String, Tag)> {
        Some(match self {
            Self::Text(text) => (text.clone(), Tag::Text),
            Self::Integer(number) => (number.to_string(), Tag::Integer),
            Self::Float(float) => (float.to_string(), Tag::Float),
            Self::Bool(text) => (text.clone(), Tag::Bool),
            Self::Other => return None,
        })
    }

    /// The value inside a text, where Go writes very large and small numbers with an exponent.
    fn inline(&self) -> Option<String> {
        match self {
            Self::Float(float) => Some(yaml::float_text(*float)),
            value => Some(value.scalar()?.0),
        }
    }
}

struct Replacer {
    values: BTreeMap<String, Value>,
    used: BTreeSet<String>,
}

impl Replacer {
    fn visit(&mut self, node: &mut Node) -> anyhow::Result<()> {
        match node {
            Node::Scalar(scalar) => {
                if scalar.is_string() {
                    self.put(scalar);
                }
            }
            Node::Mapping(fields) => {
                for (_, field) in fields {
                    if let Node::Scalar(scalar) = field
                        && scalar.is_string()
                    {
                        self.put(scalar);
                    }
                }
            }
            Node::Sequence(items) => {
                for item in items {
                    match item {
                        Node::Scalar(scalar) if scalar.is_string() => self.put(scalar),
                        _ => anyhow::bail!("invalid value type expect a string"),
                    }
                }
            }
        }
        Ok(())
    }

    /// A text that is one var and nothing else becomes what the var is: a number stays a number.
    fn put(&mut self, scalar: &mut Scalar) {
        let whole = scalar.text.strip_prefix("$(").and_then(|rest| rest.strip_suffix(')'));
        let whole = whole.filter(|name| !name.contains(')'));
        let value = whole.and_then(|name| self.value(name)?.scalar());
        let (text, tag) = value.unwrap_or_else(|| (self.replaced(&scalar.text), Tag::Text));
        scalar.put(&text, tag);
        scalar.form = Form::Plain;
    }

    /// The value of a known var, which counts as used from now on.
    fn value(&mut self, name: &str) -> Option<&Value> {
        let value = self.values.get(name)?;
        if *value != Value::Other {
            self.used.insert(name.to_owned());
        }
        Some(value)
    }

    /// The text with its vars replaced; `$$` is a dollar.
    fn replaced(&mut self, text: &str) -> String {
        let mut read = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            read.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix('$') {
                read.push('$');
                rest = after;
            } else if let Some((name, after)) = rest.strip_prefix('(').and_then(|inner| inner.split_once(')'))
            {
                match self.value(name).and_then(Value::inline) {
                    Some(value) => read.push_str(&value),
                    None => read.extend(["$(", name, ")"]),
                }
                rest = after;
            } else {
                read.push('$');
            }
        }
        read.push_str(rest);
        read
    }
}

impl Var {
    /// Where the value is.
    fn path(&self) -> Vec<String> {
        let field =
            if self.fieldref.field_path.is_empty() { "metadata.name" } else { &self.fieldref.field_path };
        let mut parts = Vec::new();
        for part in path::split(field) {
            // `ports[0]` is the first item of `ports`.
            let index = part.strip_suffix(']').and_then(|inner| inner.rsplit_once('['));
            match index
                .filter(|(_, index)| !index.is_empty() && index.bytes().all(|digit| digit.is_ascii_digit()))
            {
                Some((name, index)) => {
                    parts.extend((!name.is_empty()).then(|| name.to_owned()));
                    parts.push(index.to_owned());
                }
                None => parts.push(part),
            }
        }
        parts
    }
}

impl Reference {
    /// The identity that is meant; `apiVersion` goes before group and version.
    fn id(&self) -> Id {
        let mut gvk =
            Gvk { group: self.group.clone(), version: self.version.clone(), kind: self.kind.clone() };
        match *self.api_version.split('/').collect::<Vec<_>>() {
            [version] if !version.is_empty() => version.clone_into(&mut gvk.version),
            [group, version] => {
                group.clone_into(&mut gvk.group);
                version.clone_into(&mut gvk.version);
            }
            _ => {}
        }
        Id { gvk, name: self.name.clone(), namespace: self.namespace.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_float_has_an_exponent_in_a_text_only() {
        for (text, alone, inside) in [
            ("1e3", "1000", "1000"),
            ("1.", "1", "1"),
            ("0.", "0", "0"),
            ("1E5", "100000", "100000"),
            ("-1e2", "-100", "-100"),
            ("1_0.5", "10.5", "10.5"),
            ("1e18", "1000000000000000000", "1e+18"),
            ("1e20", "100000000000000000000", "1e+20"),
            ("123456789.5", "123456789.5", "1.234567895e+08"),
            ("1e-7", "0.0000001", "1e-07"),
        ] {
            let value = Value::of(&Node::plain(text, Tag::Implicit)).unwrap();
            assert_eq!(value.scalar(), Some((alone.to_owned(), Tag::Float)), "{text}");
            assert_eq!(value.inline().as_deref(), Some(inside), "{text}");
        }
        assert!(Value::of(&Node::plain("0x1F", Tag::Implicit)).is_err());
    }

    #[test]
    fn vars_in_a_text_are_replaced_and_dollars_are_kept() {
        let values = [
            ("A".to_owned(), Value::Text("one".to_owned())),
            ("B".to_owned(), Value::Integer(2)),
            ("C".to_owned(), Value::Other),
            ("D".to_owned(), Value::Float(0.00001)),
        ];
        let mut replacer = Replacer { values: values.into(), used: BTreeSet::new() };
        for (text, wanted) in [
            ("$(A)-$(B)", "one-2"),
            ("$$(A) $A $(", "$(A) $A $("),
            ("$(C)$(X)$", "$(C)$(X)$"),
            ("$(D)", "1e-05"),
            ("$($(A))", "$($(A))"),
        ] {
            assert_eq!(replacer.replaced(text), wanted, "{text}");
        }
        assert_eq!(replacer.used.iter().collect::<Vec<_>>(), ["A", "B", "D"]);
    }
}
