//! The inputs of the fuzzer that are kept, without the fuzzer.

use testbed::fuzz::TARGETS;
use testbed::fuzz::corpus;

#[test]
fn every_kept_input_of_the_fuzzer_is_read_without_a_panic() {
    for target in TARGETS {
        let inputs = std::fs::read_dir(corpus(target)).unwrap();
        let mut count = 0;
        for input in inputs {
            (target.run)(&std::fs::read(input.unwrap().path()).unwrap());
            count += 1;
        }
        assert!(count > 0, "{} has no inputs", target.name);
    }
}

#[test]
fn no_folder_of_inputs_is_without_a_target() {
    let folder = corpus(&TARGETS[0]).parent().unwrap().to_owned();
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(TARGETS.iter().any(|target| target.name == name), "{name}");
    }
}
