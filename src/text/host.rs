//! Names of hosts.

/// Whether a host, without brackets and port, is this machine.
pub fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
