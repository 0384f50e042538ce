//! The tutorial of the README on real parts, and whether the embedded ones tell the same.

use crate::support::difference;
use crate::tutorial::played;
use testbed::Parts;

#[test]
#[ignore = "needs the testbed"]
fn the_tutorial_tells_the_same_on_embedded_and_on_real_parts() {
    let (embedded, real) = (played(Parts::Embedded), played(Parts::Real));
    assert!(embedded == real, "wanted: embedded, found: real\n{}", difference(&embedded, &real));
}
