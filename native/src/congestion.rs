//! How much may be on its way at a time: as much as CUBIC (RFC 9438) or BBR version 3 (draft-ietf-ccwg-bbr) says,
//! whichever is more. Both are noq's and are told everything. CUBIC takes each lost packet for a full queue, so that
//! one in a hundred lost at random, as on radio links, leaves a long path almost empty; BBR looks at how fast packets
//! arrive, and keeps such a path full. Where nothing is lost at random CUBIC is faster: on paths of less than a
//! millisecond, where BBR's timers are too coarse, and on slow ones.

use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, Instant};

use iroh::endpoint::{Controller, ControllerFactory, ControllerMetrics, RttEstimator};
use noq_proto::congestion::{Bbr3Config, CubicConfig};

/// What a connection begins with, about 44 packets. RFC 9002 has 10; each doubling saves a round trip at the start,
/// and the pacer spreads them over the first one.
const INITIAL_WINDOW_BYTES: u64 = 64 * 1024;

/// Makes the two controllers of each path.
#[derive(Debug)]
pub struct Widest(Arc<CubicConfig>, Arc<Bbr3Config>);

impl Widest {
    pub fn new() -> Self {
        let (mut cubic, mut bbr) = (CubicConfig::default(), Bbr3Config::default());
        cubic.initial_window(INITIAL_WINDOW_BYTES);
        bbr.initial_window(INITIAL_WINDOW_BYTES);
        Self(Arc::new(cubic), Arc::new(bbr))
    }
}

impl ControllerFactory for Widest {
    fn build(self: Arc<Self>, now: Instant, current_mtu: u16) -> Box<dyn Controller> {
        Box::new(Both([self.0.clone().build(now, current_mtu), self.1.clone().build(now, current_mtu)]))
    }
}

#[derive(Debug)]
struct Both([Box<dyn Controller>; 2]);

impl Both {
    fn each(&mut self, tell: impl Fn(&mut dyn Controller)) {
        self.0.iter_mut().for_each(|one| tell(one.as_mut()));
    }
}

impl Controller for Both {
    fn on_sent(&mut self, now: Instant, bytes: u64, largest_pn: u64) {
        self.each(|one| one.on_sent(now, bytes, largest_pn));
    }

    fn on_packet_sent(&mut self, now: Instant, bytes: u16, pn: u64) {
        self.each(|one| one.on_packet_sent(now, bytes, pn));
    }

    fn on_cwnd_limited(&mut self) {
        self.each(|one| one.on_cwnd_limited());
    }

    fn on_ack(&mut self, now: Instant, sent: Instant, bytes: u64, pn: u64, is_app_limited: bool, rtt: &RttEstimator) {
        self.each(|one| one.on_ack(now, sent, bytes, pn, is_app_limited, rtt));
    }

    fn on_end_acks(&mut self, now: Instant, in_flight: u64, is_app_limited: bool, largest_pn: Option<u64>) {
        self.each(|one| one.on_end_acks(now, in_flight, is_app_limited, largest_pn));
    }

    fn on_congestion_event(
        &mut self,
        now: Instant,
        sent: Instant,
        is_persistent: bool,
        is_ecn: bool,
        lost_bytes: u64,
        largest_lost_pn: u64,
    ) {
        self.each(|one| one.on_congestion_event(now, sent, is_persistent, is_ecn, lost_bytes, largest_lost_pn));
    }

    fn on_packet_lost(&mut self, lost_bytes: u16, pn: u64, now: Instant) {
        self.each(|one| one.on_packet_lost(lost_bytes, pn, now));
    }

    fn on_spurious_congestion_event(&mut self) {
        self.each(|one| one.on_spurious_congestion_event());
    }

    fn on_mtu_update(&mut self, new_mtu: u16) {
        self.each(|one| one.on_mtu_update(new_mtu));
    }

    fn on_ack_frequency_update(&mut self, packets: u64, longest_delay: Duration) {
        self.each(|one| one.on_ack_frequency_update(packets, longest_delay));
    }

    fn window(&self) -> u64 {
        self.0.iter().map(|one| one.window()).fold(0, u64::max)
    }

    /// Without BBR's own pacing: packets are spread as the window says.
    fn metrics(&self) -> ControllerMetrics {
        let mut metrics = ControllerMetrics::default();
        metrics.congestion_window = self.window();
        metrics
    }

    fn clone_box(&self) -> Box<dyn Controller> {
        Box::new(Self(self.0.each_ref().map(|one| one.clone_box())))
    }

    fn initial_window(&self) -> u64 {
        INITIAL_WINDOW_BYTES
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
