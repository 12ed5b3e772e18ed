//! The largest packets that an endpoint probes for and advertises: those of jumbo frames, of 9,000 bytes, where its
//! receive buffers hold them. Sending and receiving fewer and larger packets takes less time of the processor
//! (docs/measurements.md).

use std::sync::OnceLock;

/// UDP payloads of Ethernet and of jumbo frames, with the headers of IPv6.
const ETHERNET: u16 = 1_500 - 48;
const JUMBO: u16 = 9_000 - 48;

/// noq's receive buffers have this size for each packet that the system hands over at once.
const BUFFER_BYTES: usize = 1_500 - 28;
/// noq's number of these packets with generic receive offload (UDP_GRO_CNT_MAX of Linux).
const GRO_SEGMENTS: usize = 64;

pub fn largest_payload() -> u16 {
    static LARGEST: OnceLock<u16> = OnceLock::new();
    *LARGEST.get_or_init(|| payload_for(if has_receive_offload() { GRO_SEGMENTS } else { 1 }))
}

fn payload_for(segments: usize) -> u16 {
    if segments * BUFFER_BYTES >= usize::from(JUMBO) { JUMBO } else { ETHERNET }
}

/// Whether the system accepts the option with which noq's sockets enable it.
#[cfg(target_os = "linux")]
fn has_receive_offload() -> bool {
    use std::os::fd::AsRawFd;

    let Ok(socket) = std::net::UdpSocket::bind(("127.0.0.1", 0)) else { return false };
    let on: libc::c_int = 1;
    // SAFETY: the option's value is an int, which outlives the call.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_UDP,
            libc::UDP_GRO,
            (&raw const on).cast(),
            size_of_val(&on) as libc::socklen_t,
        )
    };
    result == 0
}

#[cfg(not(target_os = "linux"))]
fn has_receive_offload() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jumbo_packets_need_receive_buffers_that_hold_them() {
        assert_eq!(payload_for(1), 1_452);
        assert_eq!(payload_for(6), 1_452);
        assert_eq!(payload_for(7), 8_952);
        assert_eq!(payload_for(GRO_SEGMENTS), 8_952);
    }
}
