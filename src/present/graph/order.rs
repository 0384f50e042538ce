//! The order within layers: each item as near as possible to the middle of its neighbours, so that few arrows cross.

/// How often the order goes through all layers.
const ROUNDS: usize = 12;

/// Things in layers, and the links between those of neighbouring layers.
pub(super) struct Stack {
    /// The items of each layer, from top to bottom.
    pub(super) layers: Vec<Vec<usize>>,
    /// What each item is linked to in the layer before and in the one after.
    pub(super) before: Vec<Vec<usize>>,
    pub(super) after: Vec<Vec<usize>>,
}

impl Stack {
    /// Puts the layers in order, and keeps the best that was seen.
    pub(super) fn sort(&mut self) {
        let mut place = vec![0; self.before.len()];
        self.number(&mut place);
        let mut best = (self.crossings(&place), self.layers.clone());
        for round in 0..ROUNDS {
            if best.0 == 0 {
                break;
            }
            let count = self.layers.len();
            for step in 0..count {
                let is_down = round % 2 == 0;
                let at = if is_down { step } else { count - 1 - step };
                let neighbours = if is_down { &self.before } else { &self.after };
                sort_layer(&mut self.layers[at], neighbours, &mut place);
            }
            let crossings = self.crossings(&place);
            if crossings < best.0 {
                best = (crossings, self.layers.clone());
            }
        }
        self.layers = best.1;
    }

    fn number(&self, place: &mut [usize]) {
        for layer in &self.layers {
            layer.iter().enumerate().for_each(|(at, item)| place[*item] = at);
        }
    }

    /// How many pairs of links cross.
    fn crossings(&self, place: &[usize]) -> usize {
        self.layers.windows(2).map(|pair| self.crossings_behind(&pair[0], pair[1].len(), place)).sum()
    }

    /// Counts for each link, in the order of where it begins, those before it that end below it: sums in a tree of partial sums.
    fn crossings_behind(&self, layer: &[usize], width: usize, place: &[usize]) -> usize {
        let mut sums = vec![0; width + 1];
        let (mut seen, mut crossings) = (0, 0);
        for item in layer {
            let mut ends: Vec<usize> = self.after[*item].iter().map(|next| place[*next] + 1).collect();
            for end in &ends {
                let (mut above, mut at) = (0, *end);
                while at > 0 {
                    above += sums[at];
                    at &= at - 1;
                }
                crossings += seen - above;
            }
            seen += ends.len();
            for mut at in ends.drain(..) {
                while at <= width {
                    sums[at] += 1;
                    at += at & at.wrapping_neg();
                }
            }
        }
        crossings
    }
}

/// Sorts a layer by the mean place of neighbours; an item without any stays behind the one above it.
fn sort_layer(layer: &mut Vec<usize>, neighbours: &[Vec<usize>], place: &mut [usize]) {
    let mut last = 0.0;
    let mut keyed: Vec<(f64, usize)> = layer
        .iter()
        .map(|item| {
            let places = neighbours[*item].iter().map(|other| place[*other]);
            if let Some(mean) = mean(places.map(as_float)) {
                last = mean;
            }
            (last, *item)
        })
        .collect();
    keyed.sort_by(|one, other| one.0.total_cmp(&other.0));
    *layer = keyed.into_iter().map(|(_, item)| item).collect();
    layer.iter().enumerate().for_each(|(at, item)| place[*item] = at);
}

/// The mean of numbers, if there are any.
pub(super) fn mean(numbers: impl Iterator<Item = f64>) -> Option<f64> {
    let (count, sum) = numbers.fold((0_u32, 0.0), |(count, sum), number| (count + 1, sum + number));
    (count > 0).then(|| sum / f64::from(count))
}

/// A place as a number to calculate with.
pub(super) fn as_float(place: usize) -> f64 {
    u32::try_from(place).map_or(f64::MAX, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crossings_are_counted_and_removed() {
        let links = [(0, 5), (1, 4), (2, 3)];
        let mut stack = Stack {
            layers: vec![vec![0, 1, 2], vec![3, 4, 5]],
            before: vec![Vec::new(); 6],
            after: vec![Vec::new(); 6],
        };
        for (from, to) in links {
            stack.after[from].push(to);
            stack.before[to].push(from);
        }
        let mut place = vec![0; 6];
        stack.number(&mut place);
        assert_eq!(stack.crossings(&place), 3);
        stack.sort();
        stack.number(&mut place);
        assert_eq!(stack.crossings(&place), 0);
    }
}
