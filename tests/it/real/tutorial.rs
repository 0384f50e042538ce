//! The tutorial of the README on real parts, with the further chapters, and whether the embedded parts tell the same.

use crate::support::difference;
use crate::tutorial::played;
use testbed::Parts;

#[test]
#[ignore = "needs the testbed"]
fn the_tutorial_tells_the_same_on_embedded_and_on_real_parts_where_more_chapters_follow() {
    let (embedded, real) = (played(Parts::Embedded, false), played(Parts::Real, true));
    assert!(embedded == real, "wanted: embedded, found: real\n{}", difference(&embedded, &real));
}
