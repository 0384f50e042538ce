//! The layer of each node: an arrow goes from a layer to a later one. Arrows that close a cycle are turned round for this.

/// The layers of the nodes, from 0 on, and which of the arrows were turned round.
pub(super) struct Layers {
    pub(super) of: Vec<usize>,
    pub(super) is_turned: Vec<bool>,
}

/// Puts nodes into layers, each as close to what follows as can be.
pub(super) fn layers(count: usize, arrows: &[(usize, usize)]) -> Layers {
    let is_turned = closing(count, arrows);
    let forward: Vec<(usize, usize)> = arrows
        .iter()
        .zip(&is_turned)
        .filter(|((from, to), _)| from != to)
        .map(|((from, to), turned)| if *turned { (*to, *from) } else { (*from, *to) })
        .collect();
    let mut after = vec![Vec::new(); count];
    let mut open = vec![0_usize; count];
    for (from, to) in &forward {
        after[*from].push(*to);
        open[*to] += 1;
    }
    let is_first: Vec<bool> = open.iter().map(|before| *before == 0).collect();
    let mut of = vec![0; count];
    let mut ready: Vec<usize> = (0..count).filter(|node| is_first[*node]).collect();
    while let Some(node) = ready.pop() {
        for next in &after[node] {
            of[*next] = of[*next].max(of[node] + 1);
            open[*next] -= 1;
            if open[*next] == 0 {
                ready.push(*next);
            }
        }
    }
    // A first node that is needed late is placed just before what needs it.
    for node in (0..count).filter(|node| is_first[*node]) {
        if let Some(next) = after[node].iter().map(|next| of[*next]).min() {
            of[node] = next - 1;
        }
    }
    Layers { of, is_turned }
}

/// Which arrows lead back to where the way to them came from.
fn closing(count: usize, arrows: &[(usize, usize)]) -> Vec<bool> {
    let mut leaving = vec![Vec::new(); count];
    let mut has_before = vec![false; count];
    for (number, (from, to)) in arrows.iter().enumerate() {
        leaving[*from].push(number);
        has_before[*to] = true;
    }
    let mut is_turned = vec![false; arrows.len()];
    let (mut seen, mut on_way) = (vec![false; count], vec![false; count]);
    let starts = (0..count).filter(|node| !has_before[*node]).chain(0..count);
    for start in starts {
        if seen[start] {
            continue;
        }
        (seen[start], on_way[start]) = (true, true);
        let mut way = vec![(start, 0)];
        while let Some((node, next)) = way.pop() {
            let Some(arrow) = leaving[node].get(next).copied() else {
                on_way[node] = false;
                continue;
            };
            way.push((node, next + 1));
            let (_, to) = arrows[arrow];
            if on_way[to] {
                is_turned[arrow] = true;
            } else if !seen[to] {
                (seen[to], on_way[to]) = (true, true);
                way.push((to, 0));
            }
        }
    }
    is_turned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arrow_goes_to_a_later_layer_and_a_late_source_is_close() {
        let found = layers(5, &[(0, 1), (1, 2), (2, 3), (4, 3)]);
        assert_eq!((found.of, found.is_turned), (vec![0, 1, 2, 3, 2], vec![false; 4]));
    }

    #[test]
    fn one_arrow_of_a_cycle_is_turned_round_and_one_to_itself_counts_for_nothing() {
        let found = layers(3, &[(0, 1), (1, 2), (2, 0), (1, 1)]);
        assert_eq!(found.of, [0, 1, 2]);
        assert_eq!(found.is_turned, [false, false, true, true]);
    }
}
