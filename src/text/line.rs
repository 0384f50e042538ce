//! Messages of several lines, cut to one.

/// A message as one line of at most 300 characters.
pub fn first_line(message: &str) -> String {
    const ROOM: usize = 300;
    // A line that ends in a colon only announces the message.
    let mut lines = message.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut line = lines.next().unwrap_or_default().to_owned();
    while line.ends_with(':')
        && let Some(next) = lines.next()
    {
        line = format!("{line} {next}");
    }
    if line.chars().count() <= ROOM {
        return line;
    }
    line.chars().take(ROOM).chain(['…']).collect()
}

/// The first line as it is, however long.
pub fn whole_first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::first_line;

    #[test]
    fn a_very_long_message_is_cut_between_two_characters() {
        assert_eq!(first_line(&"ü".repeat(400)).chars().count(), 301);
        assert_eq!(
            first_line("refused:\n\n  web:\n - a must be text\n - b too"),
            "refused: web: - a must be text"
        );
    }
}
