//! The picture of `docs/architecture.md`: which room uses which, drawn from the imports that are there.

use super::ROOT;
use super::imports::Library;
use crate::support::golden_part;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

/// What each room uses of the others.
fn rooms(floors: &BTreeMap<String, String>) -> BTreeMap<String, BTreeSet<String>> {
    let room = |module: &str| module.split("::").next().unwrap().to_owned();
    let mut rooms: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (module, used) in Library::read().uses() {
        let user = room(&module);
        if floors.contains_key(&user) {
            let used = used.iter().map(|module| room(module)).filter(|used| *used != user);
            rooms.entry(user.clone()).or_default().extend(used);
        }
    }
    rooms
}

/// Whether a room is used through another one that `user` uses.
fn is_below(rooms: &BTreeMap<String, BTreeSet<String>>, user: &str, used: &str) -> bool {
    rooms[user]
        .iter()
        .any(|between| between != used && (rooms[between].contains(used) || is_below(rooms, between, used)))
}

/// An arrow that follows from two others is left out: otherwise everything would point at `text`.
#[test]
fn the_picture_of_the_rooms_is_drawn_from_the_imports() {
    let table = super::rows();
    let floors: BTreeMap<String, String> =
        table.iter().map(|row| (row.room.clone(), row.floor.clone())).collect();
    let rooms = rooms(&floors);
    let mut picture = String::from("```mermaid\nflowchart TD\n");
    let mut order: Vec<&str> =
        floors.values().map(String::as_str).collect::<BTreeSet<_>>().into_iter().collect();
    order.reverse();
    for floor in order {
        writeln!(picture, "  subgraph floor{floor} [floor {floor}]").unwrap();
        for row in table.iter().filter(|row| row.floor == floor) {
            writeln!(picture, "    {}", row.room).unwrap();
        }
        picture.push_str("  end\n");
    }
    for row in &table {
        let drawn: Vec<&str> = table
            .iter()
            .map(|below| below.room.as_str())
            .filter(|used| rooms[&row.room].contains(*used) && !is_below(&rooms, &row.room, used))
            .collect();
        if !drawn.is_empty() {
            writeln!(picture, "  {} --> {}", row.room, drawn.join(" & ")).unwrap();
        }
    }
    picture.push_str("```\n");
    golden_part(&Path::new(ROOT).join("docs/architecture.md"), "picture", &picture);
}
