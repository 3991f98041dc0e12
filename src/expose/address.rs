//! Where to listen. What the person does not say means this machine alone.

use std::net::{Ipv4Addr, SocketAddr};

/// `9095` and `localhost:9095` are 127.0.0.1:9095; any other address is to be written out, such as `0.0.0.0:9095` or `[::1]:9095`. Port 0: the
/// system picks one.
///
/// # Errors
/// A sentence on what is expected. A name is refused, since what it stands for is not to be seen in it, and so is `:9095`, which elsewhere
/// means every network.
pub fn parse(text: &str) -> Result<SocketAddr, String> {
    let port = text.strip_prefix("localhost:").unwrap_or(text);
    if let Ok(port) = port.parse::<u16>() {
        return Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    }
    text.parse().map_err(|_| {
        "expected a port of this machine alone (9095), or an IP address with one (127.0.0.1:9095, [::1]:9095; 0.0.0.0:9095 is every network)"
            .to_owned()
    })
}

/// Can other machines reach it?
pub fn is_open(address: SocketAddr) -> bool {
    !address.ip().to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_alone_is_of_this_machine() {
        for text in ["9095", "localhost:9095", "127.0.0.1:9095"] {
            assert_eq!(parse(text).unwrap().to_string(), "127.0.0.1:9095");
            assert!(!is_open(parse(text).unwrap()), "{text}");
        }
        assert_eq!(parse("0").unwrap().to_string(), "127.0.0.1:0");
    }

    #[test]
    fn other_networks_are_for_those_who_write_them_out() {
        for (text, open) in [
            ("0.0.0.0:9095", true),
            ("[::]:9095", true),
            ("192.0.2.7:0", true),
            ("[::1]:9095", false),
            ("[::ffff:127.0.0.1]:9095", false),
            ("127.8.9.1:9095", false),
        ] {
            assert_eq!(is_open(parse(text).unwrap()), open, "{text}");
        }
        for text in [
            "",
            ":9095",
            "*:9095",
            "0.0.0.0",
            "box:9095",
            "65536",
            "localhost:",
            "127.0.0.1:",
        ] {
            assert!(parse(text).unwrap_err().contains("expected a port"), "{text}");
        }
    }
}
