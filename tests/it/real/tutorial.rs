//! The tutorial of the README on real parts, with the further chapters, and whether the embedded parts tell the same.

use crate::support::difference;
use crate::tutorial::played;
use crate::tutorial::played_at;
use testbed::Parts;
use testbed::tutorial::At;

#[test]
#[ignore = "needs the testbed"]
fn the_tutorial_tells_the_same_on_embedded_and_on_real_parts_where_more_chapters_follow() {
    let (embedded, real) = (played(Parts::Embedded, false), played(Parts::Real, true));
    assert!(embedded == real, "wanted: embedded, found: real\n{}", difference(&embedded, &real));
}

#[test]
#[ignore = "needs the testbed"]
fn a_real_gitea_sees_changes_arrive_and_are_rolled_back_by_requests() {
    played_at(At::Gitea, Parts::Real, true);
}
