//! Two ways in which noq-proto was made to panic, and the sizes of packets that it tries, in its own test bench, of
//! which noq_repair_test.ts makes this a part.

use core::time::Duration;
use std::vec;

use super::util::*;
use crate::{AckFrequencyConfig, Dir, FourTuple, MtuDiscoveryConfig, PathId, PathStatus, Side::*};

/// After a late handshake two probes go out together, the second no larger than the first. The first has what was
/// just said, which is short, the second the wish for fewer acknowledgements.
#[test]
fn late_handshake_and_a_reset() {
    let mut config = AckFrequencyConfig::default();
    config.ack_eliciting_threshold(10u32.into());
    let mut builder = ConnPair::builder().disable_mtud_discovery();
    builder.server_transport_cfg.ack_frequency_config(Some(config));
    let (mut pair, client_config) = builder.build_pair();
    pair.routes.set_latency(Duration::from_millis(10));
    let client = pair.begin_connect(client_config);
    pair.drive_client();
    pair.advance_time();
    pair.drive_server();
    pair.advance_time();
    pair.drive_client();
    let stream = pair.client_streams(client).open(Dir::Bi).expect("a stream");
    pair.client_send(client, stream).write(b"x").expect("room");
    pair.drive_client();
    pair.advance_time();
    pair.drive_server();
    let server = pair.server.assert_accept();
    // All that the server said is lost.
    while pair.client.inbound.pop_first().is_some() {}
    pair.time = pair.server_conn_mut(server).poll_timeout().expect("a probe is due");
    pair.server_streams(server).accept(Dir::Bi).expect("the stream");
    pair.server_send(server, stream).reset(3u32.into()).expect("a reset");
    pair.drive_server();
    assert!(pair.client.inbound.pop_first().is_some());
}

/// A peer with six paths that leaves out packet numbers: what acknowledges them all is longer than a packet.
#[test]
fn holes_on_many_paths() {
    let mut builder = ConnPair::builder().disable_mtud_discovery();
    builder.client_transport_cfg.max_concurrent_multipath_paths(9);
    builder.server_transport_cfg.max_concurrent_multipath_paths(9);
    let mut pair = builder.connect();
    let remote = FourTuple::from_remote(pair.routes.public_server_addr());
    let mut paths = vec![PathId::ZERO];
    for _ in 0..5 {
        paths.push(pair.open_path(Client, remote, PathStatus::Available).expect("a path"));
        pair.drive();
    }
    for _ in 0..70 {
        for &path in &paths {
            pair.conn_mut(Client).leave_out_packet_numbers(path, 20_000);
            pair.ping_path(Client, path).expect("the path is open");
        }
        pair.drive_client();
    }
    pair.drive();
    assert!(!pair.is_closed(Server));
    assert!(pair.stats(Client).frame_rx.path_acks > 0);
}

/// Ethernet's packets are found at once, whatever else is lost; jumbo frames where the network has them.
#[test]
fn packets_as_large_as_the_network_has_them() {
    for (network, expected, most_probes) in [(1500, 1452..=1500, 40), (9000, 8952..=8952, 2), (1300, 1280..=1300, 60)] {
        let mut builder = ConnPair::builder().with_mtu(network);
        let mut sizes = MtuDiscoveryConfig::default();
        sizes.upper_bound(9000 - 48);
        builder.client_transport_cfg.mtu_discovery_config(Some(sizes.clone()));
        builder.server_transport_cfg.mtu_discovery_config(Some(sizes));
        let mut pair = builder.connect();
        pair.drive();
        for side in [Client, Server] {
            assert!(expected.contains(&pair.current_mtu(side)), "{} of {network}", pair.current_mtu(side));
            let stats = pair.conn_mut(side).path_stats(PathId::ZERO).expect("the path");
            assert!(stats.sent_plpmtud_probes <= most_probes, "{} probes", stats.sent_plpmtud_probes);
        }
    }
}
