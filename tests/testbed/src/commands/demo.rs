//! `cargo testbed demo`: the tutorial on the screen, and as pictures for the README.

use super::pictures::Pictures;
use crate::Parts;
use crate::build;
use crate::places;
use crate::say;
use crate::tutorial;
use crate::tutorial::At;
use crate::tutorial::Line;
use crate::tutorial::Play;
use anyhow::Context;
use console::style;
use std::path::Path;
use std::time::Duration;

/// What the audience is told first.
const EMBEDDED: &str = "\
# Real: fluxr, git, the forge with its Git servers and its API.
# Embedded in this process: the Kubernetes API server, and an agent that does what source-controller and kustomize-controller do.
# `cargo testbed demo --real` plays the same on etcd, Kubernetes and Flux's own controllers, which it builds first.";
const REAL: &str =
    "# Real: fluxr, git, the forge, etcd, Kubernetes, Flux's own controllers. Only the nodes are simulated.";

const GITEA: &str =
    "# Real: fluxr, git, Gitea, etcd, Kubernetes, Flux's own controllers. Only the nodes are simulated.";

/// Builds what is missing, plays the tutorial, or all chapters, or those for Gitea, and shows it; with `svg`, draws pictures of it into that
/// folder.
///
/// # Errors
/// A program is missing, a build fails, or the tutorial does not do what it promises.
pub fn demo(parts: Parts, all: bool, at: At, svg: Option<&Path>) -> anyhow::Result<()> {
    places::require(&[("git", "clones, commits and serves repositories")])?;
    if parts == Parts::Real {
        places::require(&[("setpriv", "ends parts with the testbed; package util-linux")])?;
    }
    build::build_for(parts, if all { build::FOR_ALL_CHAPTERS } else { build::FOR_THE_TUTORIAL })?;
    if at == At::Gitea {
        build::build_for(parts, build::FOR_GITEA)?;
    }
    // Both programs in one build: in a build of fluxr alone, cargo would compile its library with other settings again.
    let programs = ["--package", "testbed", "--bin", "testbed", "--package", "fluxr", "--bin", "fluxr"];
    let built =
        places::cargo().args(["build", "--quiet"]).args(programs).status().context("running cargo")?;
    anyhow::ensure!(built.success(), "fluxr does not build");
    let target = places::target();
    let (fluxr, folder) = (target.join("debug/fluxr"), target.join("testbed/demo"));
    let on_screen = console::colors_enabled();
    let mut times: Vec<(String, Duration)> = Vec::new();
    let mut pictures = Pictures::default();
    say::answer(match (parts, at) {
        (Parts::Embedded, _) => EMBEDDED,
        (Parts::Real, At::StandIn) => REAL,
        (Parts::Real, At::Gitea) => GITEA,
    });
    let play = Play { parts, all, at, colour: on_screen || svg.is_some() };
    tutorial::run(&fluxr, &folder, play, &mut |line| {
        if let Line::Took(title, took) = &line {
            times.push((title.clone(), *took));
        }
        pictures.see(&line);
        let shown = drawn(&line);
        say::answer(&if on_screen { shown } else { console::strip_ansi_codes(&shown).into_owned() });
    })?;
    say::answer("");
    for (title, took) in &times {
        say::answer(&format!("{:>6.1} s  {title}", took.as_secs_f32()));
    }
    let total: Duration = times.iter().map(|(_, took)| *took).sum();
    say::answer(&format!("{:>6.1} s  all of it", total.as_secs_f32()));
    svg.map_or(Ok(()), |folder| pictures.draw(folder))
}

/// A line in colour.
pub(super) fn drawn(line: &Line) -> String {
    let paint = |text: String, kind: fn(console::StyledObject<String>) -> console::StyledObject<String>| {
        kind(style(text).force_styling(true)).to_string()
    };
    match line {
        Line::Chapter(title) => paint(format!("\n# {title}"), console::StyledObject::bold),
        Line::Note(text) => paint(format!("# {text}"), console::StyledObject::dim),
        Line::Command(command) => format!("{} {command}", paint("$".to_owned(), console::StyledObject::cyan)),
        Line::Output(text) => text.clone(),
        Line::Took(_, took) => paint(format!("# {:.1} s", took.as_secs_f32()), console::StyledObject::dim),
    }
}
