//! Which line of which file an object comes from, for whoever has to correct it.

use crate::api::ObjectId;
use crate::api::object;
use crate::cluster::Deadline;
use crate::ops::build;
use crate::ops::build::BuildRequest;
use crate::text::yaml;
use serde_json::Value;

/// A sentence for every object whose file is known. The build is repeated, so this is for failures only.
pub(super) async fn of(
    request: &BuildRequest,
    kustomization: &Value,
    deadline: Deadline,
) -> Vec<(ObjectId, String)> {
    let origins = build::origins(request, kustomization, deadline).await.unwrap_or_default();
    let here = std::env::current_dir().unwrap_or_default();
    let sentence = |id: &ObjectId, path: &str| {
        let file = build::absolute(&request.folder.join(path)).ok()?;
        let content = crate::text::read_text(&file).ok()?;
        let shown = file.strip_prefix(&here).unwrap_or(&file).display().to_string();
        Some(match line(&content, id) {
            Some(line) => format!("{id} comes from {shown}, line {line}"),
            None => format!("{id} comes from {shown}"),
        })
    };
    let found = origins.iter().filter_map(|(id, path)| Some((id.clone(), sentence(id, path)?)));
    found.collect()
}

/// The line where the document begins that has the object; a name may have got a prefix or a suffix since.
fn line(content: &str, id: &ObjectId) -> Option<usize> {
    let mut starts = vec![0];
    let lines: Vec<&str> = content.lines().collect();
    starts.extend(lines.iter().enumerate().filter(|(_, line)| line.starts_with("---")).map(|(at, _)| at + 1));
    let ends = starts.iter().skip(1).map(|start| start - 1).chain([lines.len()]);
    let documents: Vec<(usize, Value)> = starts
        .iter()
        .zip(ends)
        .filter_map(|(start, end)| {
            let document = yaml::document(&lines[*start..end].join("\n"), "a document").ok()?;
            let is_blank = |line: &&str| line.trim().is_empty() || line.trim_start().starts_with('#');
            let first = start + lines[*start..end].iter().take_while(|line| is_blank(line)).count();
            (object::kind(&document) == id.kind).then_some((first + 1, document))
        })
        .collect();
    let named =
        |is_it: &dyn Fn(&str) -> bool| documents.iter().find(|(_, document)| is_it(object::name(document)));
    let found =
        named(&|name| name == id.name).or_else(|| named(&|name| !name.is_empty() && id.name.contains(name)));
    found.map(|(line, _)| *line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_that_of_the_document_with_the_object() {
        let content = "# Two of them\nkind: ConfigMap\nmetadata: {name: a}\n---\n\n# b\nkind: ConfigMap\nmetadata:\n  name: b\n---\nkind: Secret\nmetadata: {name: b}\n";
        let of = |kind: &str, name: &str| line(content, &ObjectId::new("v1", kind, "web", name));
        assert_eq!(of("ConfigMap", "a"), Some(2));
        assert_eq!(of("ConfigMap", "b"), Some(7));
        assert_eq!(of("Secret", "p-b"), Some(11));
        assert_eq!(of("Deployment", "b"), None);
    }
}
