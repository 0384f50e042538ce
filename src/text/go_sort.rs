//! Go's `sort.Slice`, which moves equal elements in a way of its own: a pattern-defeating quicksort with fixed thresholds.

/// Slices up to this length are sorted by insertion, which keeps equal elements in order.
const SHORT: usize = 12;

/// From this length on, a pivot is the median of medians, and single elements in the wrong place are moved.
const LONG: usize = 50;

/// How many elements are moved before a slice counts as unsorted.
const MOST_MOVES: usize = 5;

/// As many comparisons as the choice of a pivot from medians makes: all of them went the wrong way.
const ALL_SWAPPED: usize = 12;

/// Sorts as Go's `sort.Slice` does.
pub fn go_sort<T>(items: &mut [T], less: impl Fn(&T, &T) -> bool) {
    let bad_pivots = usize::BITS - items.len().leading_zeros();
    let end = items.len();
    Sort { items, less }.range(0, end, bad_pivots);
}

struct Sort<'a, T, F> {
    items: &'a mut [T],
    less: F,
}

/// What the choice of a pivot says about the order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hint {
    Unknown,
    Rising,
    Falling,
}

impl<T, F: Fn(&T, &T) -> bool> Sort<'_, T, F> {
    fn less(&self, a: usize, b: usize) -> bool {
        (self.less)(&self.items[a], &self.items[b])
    }

    fn range(&mut self, mut start: usize, mut end: usize, mut bad_pivots: u32) {
        let (mut was_balanced, mut was_partitioned) = (true, true);
        loop {
            let length = end - start;
            if length <= SHORT {
                return self.insert(start, end);
            }
            if bad_pivots == 0 {
                return self.heap(start, end);
            }
            if !was_balanced {
                self.scatter(start, end);
                bad_pivots -= 1;
            }
            let (mut pivot, mut hint) = self.pivot(start, end);
            if hint == Hint::Falling {
                self.items[start..end].reverse();
                pivot = (end - 1) - (pivot - start);
                hint = Hint::Rising;
            }
            if was_balanced && was_partitioned && hint == Hint::Rising && self.nearly_sorted(start, end) {
                return;
            }
            // Nothing is smaller than the pivot: what is equal to it is in place after this.
            if start > 0 && !self.less(start - 1, pivot) {
                start = self.partition_equal(start, end, pivot);
                continue;
            }
            let middle;
            (middle, was_partitioned) = self.partition(start, end, pivot);
            let (left, right) = (middle - start, end - middle);
            was_balanced = left.min(right) >= length / 8;
            if left < right {
                self.range(start, middle, bad_pivots);
                start = middle + 1;
            } else {
                self.range(middle + 1, end, bad_pivots);
                end = middle;
            }
        }
    }

    fn insert(&mut self, start: usize, end: usize) {
        for next in start + 1..end {
            let mut at = next;
            while at > start && self.less(at, at - 1) {
                self.items.swap(at, at - 1);
                at -= 1;
            }
        }
    }

    fn heap(&mut self, start: usize, end: usize) {
        let length = end - start;
        for root in (0..=(length - 1) / 2).rev() {
            self.sift(root, length, start);
        }
        for last in (0..length).rev() {
            self.items.swap(start, start + last);
            self.sift(0, last, start);
        }
    }

    fn sift(&mut self, mut root: usize, end: usize, start: usize) {
        loop {
            let mut child = 2 * root + 1;
            if child >= end {
                return;
            }
            if child + 1 < end && self.less(start + child, start + child + 1) {
                child += 1;
            }
            if !self.less(start + root, start + child) {
                return;
            }
            self.items.swap(start + root, start + child);
            root = child;
        }
    }

    /// Moves some elements, so that no pattern makes bad pivots again and again.
    fn scatter(&mut self, start: usize, end: usize) {
        let length = end - start;
        if length < 8 {
            return;
        }
        let mut random = length as u64;
        let mask = (1_u64 << (usize::BITS - length.leading_zeros())) - 1;
        let middle = start + length / 4 * 2;
        for at in middle - 1..=middle + 1 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let mut other = usize::try_from(random & mask).unwrap_or_default();
            if other >= length {
                other -= length;
            }
            self.items.swap(at, start + other);
        }
    }

    fn pivot(&self, start: usize, end: usize) -> (usize, Hint) {
        let length = end - start;
        let [mut first, mut second, mut third] = [1, 2, 3].map(|quarter| start + length / 4 * quarter);
        let mut swaps = 0;
        if length >= 8 {
            if length >= LONG {
                for at in [&mut first, &mut second, &mut third] {
                    *at = self.median([*at - 1, *at, *at + 1], &mut swaps);
                }
            }
            second = self.median([first, second, third], &mut swaps);
        }
        let hint = match swaps {
            0 => Hint::Rising,
            ALL_SWAPPED => Hint::Falling,
            _ => Hint::Unknown,
        };
        (second, hint)
    }

    fn median(&self, [mut a, mut b, mut c]: [usize; 3], swaps: &mut usize) -> usize {
        let mut order = |a: &mut usize, b: &mut usize| {
            if self.less(*b, *a) {
                std::mem::swap(a, b);
                *swaps += 1;
            }
        };
        order(&mut a, &mut b);
        order(&mut b, &mut c);
        order(&mut a, &mut b);
        b
    }

    /// Whether the slice is sorted after a few moves at most.
    fn nearly_sorted(&mut self, start: usize, end: usize) -> bool {
        let mut at = start + 1;
        for _ in 0..MOST_MOVES {
            while at < end && !self.less(at, at - 1) {
                at += 1;
            }
            if at == end {
                return true;
            }
            if end - start < LONG {
                return false;
            }
            self.items.swap(at, at - 1);
            if at - start >= 2 {
                let mut back = at - 1;
                while back >= 1 && self.less(back, back - 1) {
                    self.items.swap(back, back - 1);
                    back -= 1;
                }
            }
            if end - at >= 2 {
                let mut ahead = at + 1;
                while ahead < end && self.less(ahead, ahead - 1) {
                    self.items.swap(ahead, ahead - 1);
                    ahead += 1;
                }
            }
        }
        false
    }

    /// Smaller elements before the pivot, the others behind it: where the pivot is then, and whether it was so before.
    fn partition(&mut self, start: usize, end: usize, pivot: usize) -> (usize, bool) {
        self.items.swap(start, pivot);
        let (mut left, mut right) = (start + 1, end - 1);
        let mut was_partitioned = true;
        loop {
            while left <= right && self.less(left, start) {
                left += 1;
            }
            while left <= right && !self.less(right, start) {
                right -= 1;
            }
            if left > right {
                break;
            }
            self.items.swap(left, right);
            (left, right) = (left + 1, right - 1);
            was_partitioned = false;
        }
        self.items.swap(right, start);
        (right, was_partitioned)
    }

    /// Elements that are equal to the pivot before those that are larger: where the larger ones begin.
    fn partition_equal(&mut self, start: usize, end: usize, pivot: usize) -> usize {
        self.items.swap(start, pivot);
        let (mut left, mut right) = (start + 1, end - 1);
        loop {
            while left <= right && !self.less(start, left) {
                left += 1;
            }
            while left <= right && self.less(start, right) {
                right -= 1;
            }
            if left > right {
                return left;
            }
            self.items.swap(left, right);
            (left, right) = (left + 1, right - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::go_sort;

    #[test]
    fn everything_is_sorted_whatever_its_order_was() {
        let mut state = 1_u64;
        let mut next = |limit: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % limit
        };
        for length in (0..200_u64).chain([1000, 5000]) {
            for limit in [2, 10, 1 << 30] {
                let mixed: Vec<u64> = (0..length).map(|_| next(limit)).collect();
                let mut rising = mixed.clone();
                rising.sort_unstable();
                let falling: Vec<u64> = rising.iter().rev().copied().collect();
                let mut one_wrong = rising.clone();
                if length > 2 {
                    one_wrong.swap(1, length as usize - 1);
                }
                for mut items in [mixed, falling, one_wrong, rising.clone()] {
                    go_sort(&mut items, |a, b| a < b);
                    assert_eq!(items, rising);
                }
            }
        }
    }

    #[test]
    fn few_elements_keep_the_order_of_equals() {
        let mut items = vec![(1, 'a'), (0, 'b'), (1, 'c'), (0, 'd')];
        go_sort(&mut items, |a, b| a.0 < b.0);
        assert_eq!(items, [(0, 'b'), (0, 'd'), (1, 'a'), (1, 'c')]);
    }
}
