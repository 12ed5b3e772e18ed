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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    const PACKET_BYTES: u16 = 1_200;

    /// Adds up the bytes that it is told of, beside a window that it has.
    #[derive(Debug, Clone)]
    struct Told {
        window: u64,
        bytes: Arc<AtomicU64>,
    }

    impl Told {
        fn of(window: u64) -> Self {
            Self { window, bytes: Arc::default() }
        }

        fn add(&self, bytes: u64) {
            self.bytes.fetch_add(bytes, Ordering::Relaxed);
        }
    }

    impl Controller for Told {
        fn on_sent(&mut self, _: Instant, bytes: u64, _: u64) {
            self.add(bytes);
        }

        fn on_packet_sent(&mut self, _: Instant, bytes: u16, _: u64) {
            self.add(u64::from(bytes));
        }

        fn on_cwnd_limited(&mut self) {
            self.add(1);
        }

        fn on_end_acks(&mut self, _: Instant, in_flight: u64, _: bool, _: Option<u64>) {
            self.add(in_flight);
        }

        fn on_congestion_event(&mut self, _: Instant, _: Instant, _: bool, _: bool, lost_bytes: u64, _: u64) {
            self.add(lost_bytes);
        }

        fn on_packet_lost(&mut self, lost_bytes: u16, _: u64, _: Instant) {
            self.add(u64::from(lost_bytes));
        }

        fn on_spurious_congestion_event(&mut self) {
            self.add(1);
        }

        fn on_mtu_update(&mut self, new_mtu: u16) {
            self.add(u64::from(new_mtu));
        }

        fn on_ack_frequency_update(&mut self, packets: u64, _: Duration) {
            self.add(packets);
        }

        fn window(&self) -> u64 {
            self.window
        }

        fn metrics(&self) -> ControllerMetrics {
            let mut metrics = ControllerMetrics::default();
            metrics.pacing_rate = Some(1);
            metrics
        }

        fn clone_box(&self) -> Box<dyn Controller> {
            Box::new(self.clone())
        }

        fn initial_window(&self) -> u64 {
            0
        }

        fn into_any(self: Box<Self>) -> Box<dyn Any> {
            self
        }
    }

    #[test]
    fn the_first_window_is_64_kib() {
        let both = Arc::new(Widest::new()).build(Instant::now(), PACKET_BYTES);
        assert_eq!((both.window(), both.initial_window()), (INITIAL_WINDOW_BYTES, INITIAL_WINDOW_BYTES));
    }

    #[test]
    fn the_window_is_the_larger_one_of_both_controllers_without_their_pacing() {
        for (left, right) in [(10, 20), (20, 10)] {
            let both = Both([Box::new(Told::of(left)), Box::new(Told::of(right))]);
            assert_eq!(both.window(), 20);
            assert_eq!((both.metrics().congestion_window, both.metrics().pacing_rate), (20, None));
            assert_eq!(both.clone_box().window(), 20);
        }
    }

    #[test]
    fn both_controllers_are_told_everything() {
        let (left, right) = (Told::of(1), Told::of(2));
        let mut both = Both([Box::new(left.clone()), Box::new(right.clone())]);
        let now = Instant::now();
        both.on_sent(now, 1, 0);
        both.on_packet_sent(now, 10, 0);
        both.on_cwnd_limited();
        both.on_end_acks(now, 100, false, None);
        both.on_congestion_event(now, now, false, false, 1_000, 0);
        both.on_packet_lost(10_000, 0, now);
        both.on_spurious_congestion_event();
        both.on_mtu_update(20_000);
        both.on_ack_frequency_update(100_000, Duration::ZERO);
        for told in [left, right] {
            assert_eq!(told.bytes.load(Ordering::Relaxed), 131_113);
        }
    }
}
