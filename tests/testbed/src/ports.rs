//! Free ports on 127.0.0.1. They come in blocks below the range from which the kernel hands out ports, and a block is held by a file lock as long
//! as this process lives, so testbeds that start at once never take each other's; a port that anybody else listens on is passed over.

use crate::places;
use anyhow::Context;
use anyhow::bail;
use std::fs::File;
use std::net::Ipv4Addr;
use std::net::TcpListener;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::PoisonError;

const FIRST: u16 = 17_000;
const BLOCK: u16 = 60;
const BLOCKS: u16 = 250;

/// What this process holds: what is left of the newest block, and the locks of all its blocks.
struct Held {
    left: Range<u16>,
    locks: Vec<File>,
}

static HELD: Mutex<Held> = Mutex::new(Held { left: 0..0, locks: Vec::new() });

/// A port that nothing listens on, and that no other testbed will be given while this process lives.
///
/// # Errors
/// All blocks are taken, or the place of the locks cannot be written.
pub fn free_port() -> anyhow::Result<u16> {
    let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        for port in held.left.by_ref() {
            if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return Ok(port);
            }
        }
        let (first, lock) = reserve()?;
        held.left = first..first + BLOCK;
        held.locks.push(lock);
    }
}

fn reserve() -> anyhow::Result<(u16, File)> {
    let folder = places::cache()?.join("ports");
    std::fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    // Processes begin at different blocks, because the ports of one that just ended may still linger.
    let begin = u16::try_from(std::process::id() % u32::from(BLOCKS)).unwrap_or_default();
    for index in (0..BLOCKS).map(|step| (begin + step) % BLOCKS) {
        let lock = File::create(folder.join(format!("{index}.lock")))?;
        if lock.try_lock().is_ok() {
            return Ok((FIRST + index * BLOCK, lock));
        }
    }
    bail!("all {BLOCKS} blocks of ports are taken by running testbeds")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_differ_and_lie_below_those_that_the_kernel_hands_out() {
        let ports: std::collections::BTreeSet<u16> = (0..100).map(|_| free_port().unwrap()).collect();
        assert_eq!(ports.len(), 100);
        assert!(ports.iter().all(|port| (FIRST..32_768).contains(port)));
    }

    #[test]
    fn a_port_that_is_in_use_is_passed_over() {
        let port = free_port().unwrap();
        let _listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port + 1));
        assert_ne!(free_port().unwrap(), port + 1);
    }
}
