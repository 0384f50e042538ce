//! A program of the testbed that answers each line with a line, as the libraries of the real tools do.

use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::process::Child;
use std::process::ChildStdin;
use std::process::ChildStdout;
use std::process::Command;
use std::process::Stdio;

/// The program, running.
pub struct LineReferee {
    part: &'static str,
    program: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl LineReferee {
    /// Starts what was built as this part, or what a variable of the same name (`YAML_REFEREE`) names.
    pub fn start(part: &'static str) -> Self {
        let variable = part.to_uppercase().replace('-', "_");
        let program = std::env::var_os(variable).map(Into::into);
        let program = program.unwrap_or_else(|| testbed::build::binary(part).unwrap());
        let mut program = Command::new(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let questions = program.stdin.take().unwrap();
        let answers = BufReader::new(program.stdout.take().unwrap());
        Self { part, program, questions, answers }
    }

    /// The answer; `None` if the program crashed, and was started again.
    pub fn ask(&mut self, question: &str) -> Option<String> {
        writeln!(self.questions, "{question}").unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        if line.is_empty() {
            *self = Self::start(self.part);
            return None;
        }
        Some(line.trim_end_matches('\n').to_owned())
    }
}

impl Drop for LineReferee {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// What is generated: from as many seeds as the variable `COUNT` says, after as many as `FIRST` says.
pub fn seeds(count: &str, first: &str, usual: u64) -> std::ops::Range<u64> {
    let number = |name: &str, otherwise| {
        std::env::var(name).map_or(otherwise, |text| text.parse::<u64>().expect("a number"))
    };
    let first = number(first, 0);
    first..first + number(count, usual)
}
