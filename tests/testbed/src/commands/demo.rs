//! `cargo testbed demo`: the tutorial on the screen, and as a picture for the README.

use crate::build;
use crate::places;
use crate::say;
use crate::tutorial;
use crate::tutorial::Line;
use anyhow::Context;
use console::style;
use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

/// The chapters that the picture shows.
const PICTURED: [&str; 2] = ["bootstrap", "deliver an application"];

/// Builds what is missing, plays the tutorial and shows it; with `svg`, draws its beginning into that file.
///
/// # Errors
/// A program is missing, a build fails, or the tutorial does not do what it promises.
pub fn demo(svg: Option<&Path>) -> anyhow::Result<()> {
    places::require(&[
        ("git", "clones and commits"),
        ("kubectl", "looks at the cluster"),
        ("setpriv", "ends parts with the testbed; package util-linux"),
    ])?;
    build::build_all()?;
    let arguments = ["build", "--quiet", "--package", "fluxr", "--bin", "fluxr"];
    let built = places::cargo().args(arguments).status().context("running cargo")?;
    anyhow::ensure!(built.success(), "fluxr does not build");
    let target = places::target();
    let (fluxr, folder) = (target.join("debug/fluxr"), target.join("testbed/demo"));
    let mut times: Vec<(String, Duration)> = Vec::new();
    let mut picture = String::new();
    let mut chapter = String::new();
    tutorial::run(&fluxr, &folder, &mut |line| {
        if let Line::Chapter(title) = &line {
            chapter.clone_from(title);
        }
        if let Line::Took(title, took) = &line {
            times.push((title.clone(), *took));
        }
        if PICTURED.contains(&chapter.as_str()) {
            let _ = writeln!(picture, "{}", drawn(&clipped(&line), true));
        }
        say::answer(&drawn(&line, console::colors_enabled()));
    })?;
    say::answer("");
    for (title, took) in &times {
        say::answer(&format!("{:>6.1} s  {title}", took.as_secs_f32()));
    }
    let total: Duration = times.iter().map(|(_, took)| *took).sum();
    say::answer(&format!("{:>6.1} s  all of it", total.as_secs_f32()));
    if let Some(file) = svg {
        let drawing = anstyle_svg::Term::new().render_svg(&picture);
        std::fs::write(file, drawing).with_context(|| format!("writing {}", file.display()))?;
    }
    Ok(())
}

/// The line as it fits into the picture; what is cut off ends in an ellipsis.
fn clipped(line: &Line) -> Line {
    const WIDTH: usize = 120;
    let clip = |text: &str| console::truncate_str(text, WIDTH, "…").into_owned();
    match line {
        Line::Command(command) => Line::Command(clip(command)),
        Line::Output(text) => Line::Output(clip(&text.replace('\t', "  "))),
        other => other.clone(),
    }
}

fn drawn(line: &Line, colour: bool) -> String {
    let paint = |text: String, kind: fn(console::StyledObject<String>) -> console::StyledObject<String>| {
        kind(style(text).force_styling(colour)).to_string()
    };
    match line {
        Line::Chapter(title) => paint(format!("\n# {title}"), console::StyledObject::bold),
        Line::Command(command) => paint(format!("$ {command}"), console::StyledObject::green),
        Line::Output(text) => text.clone(),
        Line::Took(_, took) => paint(format!("# {:.1} s", took.as_secs_f32()), console::StyledObject::dim),
    }
}
