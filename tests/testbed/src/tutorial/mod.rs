//! The tutorial: from an empty cluster and a forge account to an application that Git delivers, and what GitOps promises beyond that.
//!
//! Every command is run as it is shown. `demo` shows them on the screen; tests run the same steps in silence, on either sort of parts.

mod after;
mod before;
mod chart;
mod delivery;
mod further;
mod home;
mod look;
mod neighbours;
mod operate;
mod releases;
mod stage;
mod transcript;

pub use transcript::comparable;

use crate::whole::Parts;
use stage::Stage;
use std::path::Path;
use std::time::Duration;

/// What the audience is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// A heading.
    Chapter(String),
    /// What is done without a command: by someone else, or by the testbed itself.
    Note(String),
    /// A command, before its output.
    Command(String),
    /// A line of real output.
    Output(String),
    /// How long the chapter took.
    Took(String, Duration),
}

/// The forge that has the fleet repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// A stand-in, which speaks the API of GitHub.
    StandIn,
    /// A real Gitea. Only the chapters about operating through Git are played there.
    Gitea,
}

/// How the tutorial is played.
#[derive(Debug, Clone, Copy)]
pub struct Play {
    pub parts: Parts,
    /// Whether the further chapters follow; they need real parts.
    pub all: bool,
    /// Where the fleet repository is.
    pub at: At,
    /// Whether commands colour what they print.
    pub colour: bool,
}

/// A chapter, and what happens in it.
type Chapter = (&'static str, fn(&mut Stage<'_>) -> anyhow::Result<()>);

/// The chapters of the tutorial, in their order.
const CHAPTERS: [Chapter; 13] = [
    ("an empty cluster", before::look_at_the_empty_cluster),
    ("a plan", before::plan),
    ("bootstrap", before::bootstrap),
    ("deliver an application", delivery::deliver),
    ("change it in Git", delivery::change),
    ("self-healing", delivery::heal),
    ("roll back by reverting", delivery::roll_back),
    ("suspend and resume", delivery::suspend_and_resume),
    ("a failure, and why", after::fail),
    ("prune", after::prune),
    ("bootstrap again", after::bootstrap_again),
    ("what runs, and how it came there", after::look_back),
    ("uninstall", after::uninstall),
];

/// What the tutorial has no room for.
const FURTHER: [Chapter; 3] = [
    ("Helm", further::helm),
    ("image automation", further::images),
    ("alerts and webhooks", further::alerts),
];

/// What comes first where only the chapters after it are played.
const OPENING: [Chapter; 1] = [("bootstrap at Gitea", operate::bootstrap_at_gitea)];

/// Operating through Git: by requests, back, looking back.
const OPERATING: [Chapter; 5] = [
    ("a change arrives by a request", operate::arrive),
    ("a bad change is rolled back by a request", operate::roll_back),
    ("what was done by hand", operate::heal),
    ("a release is rolled back", releases::roll_back),
    ("who did what", operate::look_back),
];

/// How many chapters the tutorial has.
pub const LENGTH: usize = CHAPTERS.len();

/// The chapters that are played.
fn chapters(play: Play) -> Vec<Chapter> {
    match (play.at, play.all) {
        (At::Gitea, _) => [&OPENING[..], &OPERATING].concat(),
        (At::StandIn, true) => [&CHAPTERS[..], &FURTHER, &OPERATING].concat(),
        (At::StandIn, false) => CHAPTERS.to_vec(),
    }
}

/// How many chapters are played.
pub fn length(play: Play) -> usize {
    chapters(play).len()
}

/// Runs the whole tutorial below `folder` with this `fluxr`; `say` hears everything. Every claim is checked on the way.
///
/// # Errors
/// The first step that did not do what it promises.
pub fn run(fluxr: &Path, folder: &Path, play: Play, say: &mut dyn FnMut(Line)) -> anyhow::Result<()> {
    let mut stage = Stage::set(fluxr, folder, play, say)?;
    chapters(play).into_iter().try_for_each(|(title, happens)| stage.chapter(title, happens))
}
