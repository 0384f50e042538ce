//! Commits of a remote repository, without files if the server can leave them out.

use std::collections::HashMap;
use std::io::Write;

use git2::transport::Service;

use super::GitError;
use super::Remote;
use super::packets::Packet;
use super::packets::Packets;
use super::packets::line;
use super::session::Scratch;
use super::session::Session;
use crate::text;
use crate::text::is_commit;

/// How many commits of a branch are fetched from a server that does not send commits by ID.
pub(super) const DEPTH: usize = 200;
/// The filter: nothing but commits.
pub(super) const WITHOUT_TREES: &str = "tree:0";
/// The filter: no files that are too large for manifests.
pub(super) const WITHOUT_LARGE_FILES: &str = "blob:limit=1m";
const AGENT: &str = concat!("agent=fluxr/", env!("CARGO_PKG_VERSION"));

/// The metadata of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    pub id: String,
    pub author: String,
    pub email: String,
    /// When it was written, in seconds since 1970.
    pub at: i64,
    pub message: String,
}

/// A commit that is wanted, and the branch or tag that it was on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WantedCommit {
    pub id: String,
    pub reference: String,
}

/// What a server has, and what it can do.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Offer {
    /// Commits by the names of references.
    references: HashMap<String, String>,
    capabilities: Vec<String>,
}

impl Remote {
    /// The commits that are wanted, as far as the server still has them.
    ///
    /// # Errors
    /// Those of a connection; a server that refuses.
    pub async fn commits(&self, wanted: &[WantedCommit]) -> Result<Vec<Commit>, GitError> {
        let wanted: Vec<WantedCommit> = wanted.iter().filter(|one| is_commit(&one.id)).cloned().collect();
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        self.run(move |session| match fetch(session, &wanted, true) {
            // A single commit that is gone makes the server refuse; the others may still be on their branches.
            Err(GitError::Other { .. }) => fetch(session, &wanted, false),
            outcome => outcome,
        })
        .await
    }
}

/// Fetches the commits, by ID if `by_name` and the server allow it.
fn fetch(session: &Session, wanted: &[WantedCommit], by_name: bool) -> Result<Vec<Commit>, GitError> {
    let Some((repository, _)) = obtain(session, |offer| offer.request(wanted, by_name, WITHOUT_TREES))?
    else {
        // Nothing that the server has leads to any of them.
        return Ok(Vec::new());
    };
    let found = wanted.iter().filter_map(|one| {
        let id = git2::Oid::from_str(&one.id).ok()?;
        repository.find_commit(id).ok().map(|commit| read(&commit))
    });
    Ok(found.collect())
}

/// Sends the request that is built from what a server offers, and stores the answer with the offer; `None` without a request.
pub(super) fn obtain(
    session: &Session,
    ask: impl FnOnce(&Offer) -> Option<String>,
) -> Result<Option<(Scratch, Offer)>, GitError> {
    let core = &session.core;
    let mut advertised = Packets::new(core.link.open(core, Service::UploadPackLs)?);
    let offer = Offer::read(&mut advertised, core.link.is_stateless())?;
    let Some(request) = ask(&offer) else { return Ok(None) };
    let mut exchange = if core.link.is_stateless() {
        Packets::new(core.link.open(core, Service::UploadPack)?)
    } else {
        advertised
    };
    exchange.send(request.as_bytes())?;
    let repository = session.scratch()?;
    receive(session, &mut exchange, &repository)?;
    Ok(Some((repository, offer)))
}

/// Reads what precedes the pack, and stores the pack.
fn receive(session: &Session, exchange: &mut Packets, repository: &git2::Repository) -> Result<(), GitError> {
    loop {
        match exchange.next()? {
            Packet::Flush => {}
            Packet::Line(line) if line.starts_with(b"NAK") => break,
            Packet::Line(line) if line.starts_with(b"shallow ") || line.starts_with(b"unshallow ") => {}
            Packet::Line(line) => {
                let said = text::said(String::from_utf8_lossy(&line).trim_start_matches("ERR "));
                return Err(GitError::other(format!("asking \"{}\" for commits", session.core.url), said));
            }
        }
    }
    let broken = |error: git2::Error| session.explain("reading commits", &error);
    let objects = repository.odb().map_err(broken)?;
    let mut pack = objects.packwriter().map_err(broken)?;
    loop {
        let piece = exchange.rest()?;
        if piece.is_empty() {
            break;
        }
        pack.write_all(&piece).map_err(|error| GitError::other("reading commits", error))?;
    }
    pack.commit().map_err(broken)?;
    Ok(())
}

pub(super) fn read(commit: &git2::Commit<'_>) -> Commit {
    let author = commit.author();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Commit {
        id: commit.id().to_string(),
        author: text(author.name_bytes()),
        email: text(author.email_bytes()),
        at: author.when().seconds(),
        message: text(commit.message_bytes()),
    }
}

impl Offer {
    fn read(packets: &mut Packets, with_header: bool) -> Result<Self, GitError> {
        if with_header {
            // `# service=git-upload-pack`, and the end of that section.
            while packets.next()? != Packet::Flush {}
        }
        let mut offer = Self::default();
        while let Packet::Line(line) = packets.next()? {
            let line = String::from_utf8_lossy(&line);
            if let Some(said) = line.strip_prefix("ERR ") {
                return Err(GitError::other("listing references", text::said(said)));
            }
            let (reference, capabilities) = line.trim_end().split_once('\0').unwrap_or((line.trim_end(), ""));
            offer.capabilities.extend(capabilities.split_whitespace().map(str::to_owned));
            if let Some((id, name)) = reference.split_once(' ') {
                offer.references.insert(name.to_owned(), id.to_owned());
            }
        }
        Ok(offer)
    }

    fn can(&self, capability: &str) -> bool {
        self.capabilities.iter().any(|one| one == capability)
    }

    /// The request for the commits: by ID if the server allows that, else the last commits of their branches.
    pub(super) fn request(&self, wanted: &[WantedCommit], by_name: bool, without: &str) -> Option<String> {
        let is_allowed = self.sends_by_name();
        let is_tip = |id: &String| self.references.values().any(|tip| tip == id);
        let is_all_tips = wanted.iter().all(|one| is_tip(&one.id));
        let (mut ids, depth): (Vec<&String>, usize) = if (by_name && is_allowed) || is_all_tips {
            (wanted.iter().map(|one| &one.id).collect(), 1)
        } else {
            (wanted.iter().filter_map(|one| self.tip(&one.reference)).collect(), DEPTH)
        };
        ids.sort();
        ids.dedup();
        self.ask(&ids, depth, without)
    }

    fn sends_by_name(&self) -> bool {
        self.can("allow-reachable-sha1-in-want") || self.can("allow-any-sha1-in-want")
    }

    /// The request for commits and the last ones of branches with their files.
    pub(super) fn request_with_files(
        &self,
        wanted: &[WantedCommit],
        branches: &[String],
        by_name: bool,
    ) -> Option<String> {
        let mut ids: Vec<&String> = branches.iter().filter_map(|branch| self.tip(branch)).collect();
        if by_name && self.sends_by_name() {
            ids.extend(wanted.iter().map(|one| &one.id).filter(|id| is_commit(id)));
        } else {
            ids.extend(wanted.iter().filter_map(|one| self.tip(&one.reference)));
        }
        ids.sort();
        ids.dedup();
        self.ask(&ids, DEPTH, WITHOUT_LARGE_FILES)
    }

    /// The request for commits and as many of their ancestors, without what the filter leaves out, if there is one.
    pub(super) fn ask(&self, ids: &[&String], depth: usize, without: &str) -> Option<String> {
        let filter = self.can("filter");
        let capabilities =
            if filter { format!("ofs-delta filter {AGENT}") } else { format!("ofs-delta {AGENT}") };
        let mut request = String::new();
        for (number, id) in ids.iter().enumerate() {
            let capabilities = if number == 0 { format!(" {capabilities}") } else { String::new() };
            request.push_str(&line(&format!("want {id}{capabilities}\n")));
        }
        if self.can("shallow") {
            request.push_str(&line(&format!("deepen {depth}\n")));
        }
        if filter {
            request.push_str(&line(&format!("filter {without}\n")));
        }
        request.push_str("0000");
        request.push_str(&line("done\n"));
        (!ids.is_empty()).then_some(request)
    }

    /// The commit of a branch or a tag; that of `HEAD` if it is neither.
    pub(super) fn tip(&self, reference: &str) -> Option<&String> {
        let kinds = ["", "refs/heads/", "refs/tags/"];
        let named = kinds.iter().find_map(|kind| self.references.get(&format!("{kind}{reference}")));
        named.or_else(|| self.references.get("HEAD"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(capabilities: &str) -> Offer {
        let references = [("HEAD", "a"), ("refs/heads/main", "a"), ("refs/tags/v1", "b")];
        Offer {
            references: references.iter().map(|(name, id)| ((*name).to_owned(), id.repeat(40))).collect(),
            capabilities: capabilities.split(' ').map(str::to_owned).collect(),
        }
    }

    fn wanted(id: &str, reference: &str) -> WantedCommit {
        WantedCommit { id: id.repeat(40), reference: reference.to_owned() }
    }

    #[test]
    fn commits_are_asked_for_by_name_where_the_server_allows_it_and_files_are_left_out() {
        let all = offer("shallow filter allow-tip-sha1-in-want allow-reachable-sha1-in-want");
        let request = all
            .request(&[wanted("c", "main"), wanted("d", "main"), wanted("c", "main")], true, WITHOUT_TREES)
            .unwrap();
        let wanted_lines = format!("want {} ofs-delta filter {AGENT}\n", "c".repeat(40));
        assert!(
            request.contains(&wanted_lines) && request.contains(&format!("0032want {}\n", "d".repeat(40)))
        );
        assert!(all.request(&[wanted("c", "main")], false, WITHOUT_TREES).unwrap().contains("deepen 200"));
        assert!(request.ends_with("000ddeepen 1\n0012filter tree:0\n00000009done\n"), "{request}");
    }

    #[test]
    fn other_servers_give_the_last_commits_of_the_branch() {
        let plain = offer("shallow");
        let request =
            plain.request(&[wanted("c", "main"), wanted("d", "gone")], true, WITHOUT_TREES).unwrap();
        assert!(request.contains(&format!("want {} ofs-delta {AGENT}\n", "a".repeat(40))), "{request}");
        assert_eq!(request.matches("want").count(), 1);
        assert!(request.ends_with("000fdeepen 200\n00000009done\n"), "{request}");
        let tip = plain.request(&[wanted("b", "v1")], true, WITHOUT_TREES).unwrap();
        assert!(tip.contains("deepen 1\n") && tip.contains(&"b".repeat(40)), "{tip}");
        assert_eq!(Offer::default().request(&[wanted("c", "main")], true, WITHOUT_TREES), None);
    }
}
