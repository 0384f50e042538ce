//! Sizes of files.

const UNITS: [char; 6] = ['K', 'M', 'G', 'T', 'P', 'E'];

/// Bytes in the largest unit of which there is at least one.
pub fn binary_size(bytes: u64) -> String {
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let (mut unit, mut divisor) = (0, 1024_u64);
    while bytes / divisor >= 1024 {
        divisor *= 1024;
        unit += 1;
    }
    #[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
    let shown = bytes as f64 / divisor as f64;
    format!("{shown:.1} {}iB", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::binary_size;

    #[test]
    fn sizes_are_shown_in_binary_units() {
        let sizes = [1, 1023, 1024, 1536, 1_048_575, 1_048_576, 5_368_709_120];
        let shown = ["1 B", "1023 B", "1.0 KiB", "1.5 KiB", "1024.0 KiB", "1.0 MiB", "5.0 GiB"];
        assert_eq!(sizes.map(binary_size), shown);
    }
}
