//! Tests of native/patches on the test bench of noq-proto; patched_noq_test.ts adds this file to that crate's tests.

use super::util::*;
use crate::{FourTuple, MtuDiscoveryConfig, PathId, PathStatus, Side::*};

/// A pair with as many paths as both sides allow, on which the server has as much to acknowledge as a frame can say.
fn pair_with_largest_acknowledgements() -> (ConnPair, u64) {
    let mut builder = ConnPair::builder().disable_mtud_discovery();
    builder.client_transport_cfg.max_concurrent_multipath_paths(9);
    builder.server_transport_cfg.max_concurrent_multipath_paths(9);
    let mut pair = builder.connect();
    pair.drive();
    let remote = FourTuple::from_remote(pair.routes.public_server_addr());
    for _ in 0..5 {
        pair.open_path(Client, remote, PathStatus::Available).expect("a path");
        pair.drive();
    }
    let now = pair.time;
    let paths = pair.conn_mut(Server).owe_largest_acknowledgements(now);
    assert!(paths > 5);
    (pair, paths)
}

/// However much is to be acknowledged, each packet holds what fits, and the next ones the rest.
#[test]
fn acknowledgements_stay_within_their_packets() {
    let (mut pair, paths) = pair_with_largest_acknowledgements();
    let sent = pair.stats(Server).frame_tx.path_acks;
    pair.drive_server();
    assert_eq!(pair.stats(Server).frame_tx.path_acks - sent, paths);
}

/// Acknowledgements leave room for the frame that closes the connection.
#[test]
fn a_close_fits_behind_acknowledgements() {
    let (mut pair, _) = pair_with_largest_acknowledgements();
    pair.close(Server, 0, b"");
    pair.drive_server();
    assert!(pair.stats(Server).frame_tx.path_acks > 0);
    assert_eq!(pair.stats(Server).frame_tx.connection_close, 1);
}

/// Ethernet's packets are found at once; larger ones where the network has jumbo frames, and by two more probes elsewhere.
#[test]
fn packets_as_large_as_the_network_has_them() {
    for (network, expected, most_probes) in [(1472, 1452..=1452, 3), (9000, 8952..=8952, 2), (1300, 1280..=1300, 12)] {
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

/// An endpoint advertises what it probes for; a peer of Ethernet's packets gets no larger ones.
#[test]
fn packets_as_large_as_both_sides_take() {
    let mut builder = ConnPair::builder().with_mtu(9000);
    let mut sizes = MtuDiscoveryConfig::default();
    sizes.upper_bound(9000 - 48);
    builder.client_transport_cfg.mtu_discovery_config(Some(sizes));
    let mut pair = builder.connect();
    pair.drive();
    assert_eq!(pair.current_mtu(Client), 1472);
    assert_eq!(pair.current_mtu(Server), 1452);
}
