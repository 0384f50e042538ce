//! The edits that make one sequence of another: the algorithm of diff-match-patch (Myers, with a search for large common parts first), edit for edit,
//! since a report counts and shows them. It works on numbers, which stand for characters or for lines.

use super::edit::Action;
use super::edit::Edit;
use super::edit::common_prefix;
use super::edit::common_suffix;
use super::find::Finder;
use super::merge::merged;
use std::ops::Range;

/// How many steps are tried before what is left counts as replaced. diff-match-patch gives up after a second;
/// this is about a third of one, and always at the same place. Texts need thousands of different lines to come so far.
const STEPS: usize = 100_000_000;

/// The edits that make `to` of `from`.
pub(super) fn edits(from: &[u32], to: &[u32]) -> Vec<Edit> {
    Search { steps: STEPS }.edits(from, to)
}

struct Search {
    /// What is left of [`STEPS`].
    steps: usize,
}

impl Search {
    fn edits(&mut self, from: &[u32], to: &[u32]) -> Vec<Edit> {
        if from == to {
            return if from.is_empty() { Vec::new() } else { vec![Edit::new(Action::Keep, from)] };
        }
        let start = common_prefix(from, to);
        let (prefix, from, to) = (&from[..start], &from[start..], &to[start..]);
        let end = common_suffix(from, to);
        let (from, suffix) = from.split_at(from.len() - end);
        let to = &to[..to.len() - end];
        let mut edits = Vec::new();
        if !prefix.is_empty() {
            edits.push(Edit::new(Action::Keep, prefix));
        }
        edits.extend(self.between(from, to));
        if !suffix.is_empty() {
            edits.push(Edit::new(Action::Keep, suffix));
        }
        merged(edits)
    }

    /// The edits of sequences that begin and end differently.
    fn between(&mut self, from: &[u32], to: &[u32]) -> Vec<Edit> {
        if from.is_empty() {
            return vec![Edit::new(Action::Insert, to)];
        }
        if to.is_empty() {
            return vec![Edit::new(Action::Delete, from)];
        }
        let (long, short, action) =
            if from.len() > to.len() { (from, to, Action::Delete) } else { (to, from, Action::Insert) };
        if let Some(at) = Finder::new(short).first(long) {
            return vec![
                Edit::new(action, &long[..at]),
                Edit::new(Action::Keep, short),
                Edit::new(action, &long[at + short.len()..]),
            ];
        }
        if short.len() == 1 {
            return replaced(from, to);
        }
        if let Some((in_long, in_short)) = self.half(long, short) {
            let (in_from, in_to) =
                if from.len() > to.len() { (in_long, in_short) } else { (in_short, in_long) };
            let mut edits = self.edits(&from[..in_from.start], &to[..in_to.start]);
            edits.push(Edit::new(Action::Keep, &from[in_from.clone()]));
            edits.extend(self.edits(&from[in_from.end..], &to[in_to.end..]));
            return edits;
        }
        match self.middle(from, to) {
            Some((x, y)) => {
                let mut edits = self.edits(&from[..x], &to[..y]);
                edits.extend(self.edits(&from[x..], &to[y..]));
                edits
            }
            None => replaced(from, to),
        }
    }

    /// A common part that is at least half as long as the longer sequence: where it is in each.
    fn half(&mut self, long: &[u32], short: &[u32]) -> Option<(Range<usize>, Range<usize>)> {
        if long.len() < 4 || short.len() * 2 < long.len() {
            return None;
        }
        let second = self.half_around(long, short, long.len().div_ceil(4));
        let third = self.half_around(long, short, long.len().div_ceil(2));
        match (second, third) {
            (Some(second), Some(third)) if second.0.len() > third.0.len() => Some(second),
            (second, third) => third.or(second),
        }
    }

    /// Such a part around the quarter of the longer sequence that begins here.
    fn half_around(
        &mut self,
        long: &[u32],
        short: &[u32],
        at: usize,
    ) -> Option<(Range<usize>, Range<usize>)> {
        let mut best = 0..0;
        let mut in_short = 0..0;
        let finder = Finder::new(&long[at..at + long.len() / 4]);
        for found in finder.all(short) {
            let after = common_prefix(&long[at..], &short[found..]);
            let before = common_suffix(&long[..at], &short[..found]);
            if best.len() < before + after {
                best = at - before..at + after;
                in_short = found - before..found + after;
            }
            self.steps = self.steps.saturating_sub(before + after);
            if self.steps == 0 {
                break;
            }
        }
        (best.len() * 2 >= long.len()).then_some((best, in_short))
    }

    /// A place that the shortest path from one sequence to the other passes, found from both ends at once; `None` if they have nothing in common, or
    /// if the search takes too long.
    fn middle(&mut self, from: &[u32], to: &[u32]) -> Option<(usize, usize)> {
        let most = (from.len() + to.len()).div_ceil(2);
        let (width, height) = (signed(from.len()), signed(to.len()));
        let delta = width - height;
        let ahead = |x: usize, y: usize| from[x] == to[y];
        let back = |x: usize, y: usize| from[from.len() - x - 1] == to[to.len() - y - 1];
        let mut forward = Front::new(most, width, height);
        let mut backward = Front::new(most, width, height);
        for depth in 0..signed(most) {
            if self.steps == 0 {
                return None;
            }
            let mut diagonal = forward.first(depth);
            while let Some(at) = forward.within(diagonal, depth) {
                let (x, inside) = forward.advance(at, depth, ahead);
                self.steps = self.steps.saturating_sub(1);
                if inside
                    && delta % 2 != 0
                    && backward.reached(delta - at).is_some_and(|other| x >= width - other)
                {
                    return Some(place(x, x - at));
                }
                diagonal = at + 2;
            }
            let mut diagonal = backward.first(depth);
            while let Some(at) = backward.within(diagonal, depth) {
                let (x, inside) = backward.advance(at, depth, back);
                self.steps = self.steps.saturating_sub(1);
                if inside
                    && delta % 2 == 0
                    && let Some(other) = forward.reached(delta - at)
                    && other >= width - x
                {
                    return Some(place(other, other - (delta - at)));
                }
                diagonal = at + 2;
            }
        }
        None
    }
}

/// How far each diagonal was followed from one end.
struct Front {
    reached: Vec<i64>,
    /// The diagonal zero.
    zero: i64,
    width: i64,
    height: i64,
    /// What is left out at both ends, since it is outside.
    skipped: (i64, i64),
}

impl Front {
    fn new(most: usize, width: i64, height: i64) -> Self {
        let mut reached = vec![-1; 2 * most];
        if let Some(first) = reached.get_mut(most + 1) {
            *first = 0;
        }
        Self { reached, zero: signed(most), width, height, skipped: (0, 0) }
    }

    fn first(&self, depth: i64) -> i64 {
        self.skipped.0 - depth
    }

    fn within(&self, diagonal: i64, depth: i64) -> Option<i64> {
        (diagonal <= depth - self.skipped.1).then_some(diagonal)
    }

    fn at(&self, diagonal: i64) -> i64 {
        usize::try_from(self.zero + diagonal).ok().and_then(|at| self.reached.get(at)).copied().unwrap_or(-1)
    }

    /// How far the other front came on this diagonal, if it did.
    fn reached(&self, diagonal: i64) -> Option<i64> {
        Some(self.at(diagonal)).filter(|reached| *reached != -1)
    }

    /// Makes one edit and follows what is equal then. Whether that is inside.
    fn advance(&mut self, diagonal: i64, depth: i64, same: impl Fn(usize, usize) -> bool) -> (i64, bool) {
        let (below, above) = (self.at(diagonal - 1), self.at(diagonal + 1));
        let mut x = if diagonal == -depth || diagonal != depth && below < above { above } else { below + 1 };
        while x < self.width && x - diagonal < self.height {
            let (column, row) = place(x, x - diagonal);
            if !same(column, row) {
                break;
            }
            x += 1;
        }
        if let Some(reached) =
            usize::try_from(self.zero + diagonal).ok().and_then(|at| self.reached.get_mut(at))
        {
            *reached = x;
        }
        if x > self.width {
            self.skipped.1 += 2;
        } else if x - diagonal > self.height {
            self.skipped.0 += 2;
        } else {
            return (x, true);
        }
        (x, false)
    }
}

fn signed(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

fn place(x: i64, y: i64) -> (usize, usize) {
    (usize::try_from(x).unwrap_or_default(), usize::try_from(y).unwrap_or_default())
}

fn replaced(from: &[u32], to: &[u32]) -> Vec<Edit> {
    vec![Edit::new(Action::Delete, from), Edit::new(Action::Insert, to)]
}
