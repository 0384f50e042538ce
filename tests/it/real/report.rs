//! Our report of differences beside that of the Flux CLI's libraries, over generated pairs of objects.

use super::line_referee::LineReferee;
use super::line_referee::seeds;
use crate::report::case::Case;
use crate::report::case::cases;
use crate::report::case::cases_file;
use crate::report::case::written;
use crate::report::pairs::generated;
use crate::support::difference;
use crate::support::golden;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// So many runs show every choice that dyff makes at random.
const ALL: usize = 200;

/// The reports of some runs, each once; or why there is none.
fn reports(referee: &mut LineReferee, runs: usize, case: &Case) -> Result<Vec<String>, String> {
    let [from, to] = [&case.from, &case.to].map(|value| STANDARD.encode(value.to_string()));
    let (width, colours) = (case.width, case.colours);
    let answer =
        referee.ask(&format!("{runs} {width} {colours} {from} {to}")).ok_or("the program crashed")?;
    let mut words = answer.split(' ');
    let word = words.next();
    let texts = words.map(|packed| String::from_utf8(STANDARD.decode(packed).unwrap()).unwrap());
    let texts: Vec<String> = texts.collect();
    if word == Some("ok") { Ok(texts) } else { Err(texts.concat()) }
}

#[test]
#[ignore = "needs the testbed"]
fn differences_of_objects_are_reported_as_the_flux_cli_reports_them() {
    let mut referee = LineReferee::start("dyff-referee");
    let mut wrong = Vec::new();
    let mut same = 0;
    for seed in seeds("REPORT_PAIRS", "REPORT_FIRST", 600) {
        let case = generated(seed);
        let ours = case.report();
        let is_ours =
            |texts: &Result<Vec<String>, String>| texts.as_ref().is_ok_and(|texts| texts.contains(&ours));
        let mut theirs = reports(&mut referee, 1, &case);
        if !is_ours(&theirs) {
            theirs = reports(&mut referee, ALL, &case);
        }
        match theirs {
            theirs if is_ours(&theirs) => same += 1,
            // A guessed name with a dot in it: dyff does not find what it found before.
            Err(reason) if reason.starts_with("failed to identify name: ") => {}
            Err(reason) => wrong.push(format!("{seed}: {reason}")),
            Ok(texts) => wrong.push(format!("{seed}:\n{}", difference(&texts[0], &ours))),
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
    assert!(same > 0, "the generator makes nothing that can be reported");
}

#[test]
#[ignore = "needs the testbed"]
fn the_recorded_reports_are_those_of_the_flux_cli() {
    let mut referee = LineReferee::start("dyff-referee");
    let mut cases = cases();
    for case in &mut cases {
        let mut texts = reports(&mut referee, ALL, case).unwrap();
        // Where dyff chooses at random, any choice will do.
        if !texts.contains(&case.text) {
            case.text = texts.swap_remove(0);
        }
    }
    golden(&cases_file(), &written(&cases));
}
