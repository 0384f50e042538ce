//! How a rollback is described, in lines and in the message of its commit; and how a change is recognised by the message.

use crate::api::ObjectId;

/// Why nothing is to be done for an object that is already rolled back.
pub(super) fn already(id: &ObjectId, present: &str) -> String {
    format!("nothing to do: {id} is already rolled back to {present}; choose another revision with --to")
}

/// The first line of a message.
pub(super) fn title(id: &ObjectId, to: &str) -> String {
    format!("{}{to}", beginning(id))
}

/// How each of its titles begins.
pub(super) fn beginning(id: &ObjectId) -> String {
    format!("Roll back {id} to ")
}

/// The message of a commit; `reverted` has a line for each commit that it reverts.
pub(super) fn message(title: &str, reverted: &[String]) -> String {
    if reverted.is_empty() {
        return title.to_owned();
    }
    format!("{title}\n\nReverts:\n{}", reverted.join("\n"))
}

/// Whether a commit rolls an object back, or merges a request that does. A revert of a rollback quotes the title.
pub(super) fn is_one(message: &str, id: &ObjectId) -> bool {
    let beginning = beginning(id);
    titles(message).any(|title| title.starts_with(&beginning))
}

/// Whether a commit has this title, or merges a request that has. Forges write the number of the request behind it.
pub(super) fn has_title(message: &str, title: &str) -> bool {
    let ends = |rest: &str| rest.is_empty() || rest.starts_with(" (#") || rest.starts_with("' (#");
    !title.is_empty() && titles(message).any(|line| line.strip_prefix(title).is_some_and(ends))
}

/// What may be the title of a commit, or of the request that it merges: a line of its own, or part of the first line, as Gitea and Bitbucket
/// write it.
fn titles(message: &str) -> impl Iterator<Item = &str> {
    message.lines().map(str::trim).flat_map(|line| {
        let is_merge = ["Merge pull request ", "Pull request #"].iter().any(|form| line.starts_with(form));
        let quoted = [" '", ": "].into_iter().filter(move |_| is_merge);
        let quoted = quoted.filter_map(move |before| Some(line.split_once(before)?.1));
        std::iter::once(line).chain(quoted)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::kustomize::kustomization::KUSTOMIZATION;

    #[test]
    fn a_rollback_is_known_by_its_message_through_every_forge() {
        let id = KUSTOMIZATION.id("apps", "shop");
        let title = title(&id, "main@sha1:0f1e2d3c");
        for message in [
            message(&title, &["- c0ffee12 Break it (Ada)".to_owned()]),
            format!("Merge pull request #1 from ada/back\n\n{title}\n"),
            format!("Merge pull request '{title}' (#1) from back into main\n"),
            format!("Merge branch 'back' into 'main'\n\n{title}\n\nSee merge request ada/fleet!1\n"),
            format!("Pull request #1: {title}\n\nMerge in ~ADA/fleet\n"),
            format!("{title} (#1)\n"),
        ] {
            assert!(is_one(&message, &id), "{message}");
            assert!(!is_one(&message, &KUSTOMIZATION.id("apps", "sho")), "{message}");
        }
        for message in [
            format!("Revert \"{title}\"\n\nThis reverts commit 0f1e.\n"),
            format!("Go on\n\nReverts:\n- c0ffee12 {title} (Ada)\n"),
            format!("Merge pull request 'Revert \"{title}\"' (#2) from on into main\n"),
        ] {
            assert!(!is_one(&message, &id), "{message}");
        }
    }

    #[test]
    fn a_title_is_known_through_every_forge_and_no_other_one_is() {
        let title = "Delete Kustomization/apps/shop";
        for message in [
            title.to_owned(),
            format!("{title}\n\nbecause\n"),
            format!("{title} (#12)\n"),
            format!("Merge pull request #1 from ada/gone\n\n{title}\n"),
            format!("Merge pull request '{title}' (#1) from gone into main\n"),
            format!("Merge branch 'gone' into 'main'\n\n{title}\n\nSee merge request ada/fleet!1\n"),
            format!("Pull request #1: {title}\n\nMerge in ~ADA/fleet\n"),
        ] {
            assert!(has_title(&message, title), "{message}");
        }
        for message in [
            format!("{title}-2\n"),
            format!("Revert \"{title}\"\n"),
            format!("Merge pull request 'Revert \"{title}\"' (#2) from on into main\n"),
            "Delete more\n".to_owned(),
        ] {
            assert!(!has_title(&message, title), "{message}");
        }
        assert!(!has_title("\nx\n", ""));
    }
}
