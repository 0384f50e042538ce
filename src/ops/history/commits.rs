//! The commits behind the revisions of a history: each source is asked once, for commits only.

use super::carriers;
use super::carriers::AT_ONCE;
use super::carriers::Carrier;
use super::carriers::Declared;
use super::entries::Entry;
use super::manifest;
use super::told::told;
use crate::api::ObjectId;
use crate::api::object::text;
use crate::cluster;
use crate::git::Commit;
use crate::git::Fetched;
use crate::git::WantedCommit;
use crate::net::Proxy;
use crate::ops::Session;
use crate::ops::git_source;
use futures::StreamExt;
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::HashSet;
use std::time::Duration;

/// How long a server may take: what it tells is worth less than the rest.
const LONGEST: Duration = Duration::from_secs(30);

/// What is asked of a source.
struct Question {
    source: ObjectId,
    commits: HashSet<WantedCommit>,
    carriers: Vec<Carrier>,
}

/// What a source answers: commits, and those of the files that declare releases.
type Answer = (Vec<Commit>, Vec<Declared>);

/// Adds the commits to entries, and for releases those of their manifests. `shown` are the entries that are wanted in the end. Each source
/// is asked once. Returns why some have none.
pub(super) async fn join(
    session: &Session<'_>,
    entries: &mut [Entry],
    shown: &[Entry],
    carriers: Vec<Carrier>,
    proxy: &Proxy,
) -> Vec<String> {
    let mut questions: BTreeMap<String, Question> = BTreeMap::new();
    for (source, commit) in shown.iter().filter_map(wanted_by) {
        question(&mut questions, source).commits.insert(commit);
    }
    for carrier in carriers {
        let source = carrier.source.clone();
        question(&mut questions, &source).carriers.push(carrier);
    }
    let asked = futures::stream::iter(questions).map(|(name, question)| async move {
        let releases: Vec<Vec<ObjectId>> = question.carriers.iter().map(Carrier::releases).collect();
        let has_commits = !question.commits.is_empty();
        let limit = session.deadline.remaining().min(LONGEST);
        let found = cluster::in_time(limit, "asking for commits", ask(session, question, proxy)).await;
        let found = found.map_err(|error| {
            if has_commits {
                format!("without the commits of {name}: {error:#}")
            } else {
                carriers::without_any(&releases, &error)
            }
        });
        (name, found)
    });
    let (mut known, mut declared, mut warnings) = (HashMap::new(), Vec::new(), Vec::new());
    for (name, found) in asked.buffered(AT_ONCE).collect::<Vec<_>>().await {
        match found {
            Ok((commits, manifests)) => {
                known.extend(commits.into_iter().map(|commit| ((name.clone(), commit.id.clone()), commit)));
                declared.extend(manifests);
            }
            Err(warning) => warnings.push(warning),
        }
    }
    for entry in &mut *entries {
        let key = wanted_by(entry).map(|(source, commit)| (source.to_string(), commit.id));
        if let Some(commit) = key.and_then(|key| known.get(&key)) {
            entry.commit = Some(told(commit));
        }
    }
    warnings.extend(attribute(entries, declared));
    warnings
}

/// What is asked of a source.
fn question<'q>(questions: &'q mut BTreeMap<String, Question>, source: &ObjectId) -> &'q mut Question {
    let new = || Question { source: source.clone(), commits: HashSet::new(), carriers: Vec::new() };
    questions.entry(source.to_string()).or_insert_with(new)
}

/// Asks a source, for commits only where no manifests are looked for.
async fn ask(session: &Session<'_>, question: Question, proxy: &Proxy) -> anyhow::Result<Answer> {
    let Question { source, commits, carriers } = question;
    let object = git_source::read(session, &source).await?;
    let remote = git_source::remote(session, (&source, &object), proxy).await?;
    let ignore = text(&object, "/spec/ignore").to_owned();
    let mut wanted: Vec<WantedCommit> = commits.into_iter().collect();
    if carriers.is_empty() {
        return Ok((remote.commits(&wanted).await?, Vec::new()));
    }
    let ids: Vec<String> = wanted.iter().map(|one| one.id.clone()).collect();
    let branches = carriers.iter().map(|carrier| carrier.commit.reference.clone()).collect();
    wanted.extend(carriers.iter().map(|carrier| carrier.commit.clone()));
    let look = move |fetched: &Fetched<'_>| {
        let commits = ids.iter().filter_map(|id| fetched.commit(id)).collect();
        (commits, carriers::read(fetched, &carriers, &ignore))
    };
    Ok(remote.explore(wanted, branches, look).await?.unwrap_or_default())
}

/// Gives each release the commits of its manifest. Returns why some have none.
fn attribute(entries: &mut [Entry], declared: Vec<Declared>) -> Vec<String> {
    let mut places: HashMap<ObjectId, Vec<usize>> = HashMap::new();
    for (at, entry) in entries.iter().enumerate() {
        places.entry(entry.object.clone()).or_default().push(at);
    }
    let mut failed: BTreeMap<String, Vec<ObjectId>> = BTreeMap::new();
    for (release, past) in declared {
        let own = places.get(&release).map_or(&[][..], Vec::as_slice);
        match past {
            Ok(past) => {
                let commits =
                    manifest::attribute(&past, &own.iter().map(|at| &entries[*at]).collect::<Vec<_>>());
                for (at, commit) in own.iter().zip(commits) {
                    entries[*at].commit = commit.or(entries[*at].commit.take());
                }
            }
            Err(error) => failed.entry(format!("{error:#}")).or_default().push(release),
        }
    }
    let told = |(error, releases): (String, Vec<ObjectId>)| {
        carriers::without_any(&[releases], &anyhow::anyhow!("{error}"))
    };
    failed.into_iter().map(told).collect()
}

/// The source and the commit of an entry's revision, if it comes from Git.
fn wanted_by(entry: &Entry) -> Option<(&ObjectId, WantedCommit)> {
    let source = entry.source.as_ref().filter(|source| git_source::is_git(source))?;
    let (reference, id) = git_source::commit_of(&entry.revision)?;
    Some((source, WantedCommit { id: id.to_owned(), reference: reference.to_owned() }))
}
