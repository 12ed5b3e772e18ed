//! Congestion control: CUBIC (RFC 9438, noq's own) with loss differentiation by delay. A drop-tail queue delays packets
//! before it drops them, and an AQM drops because of their delay, so a loss without queueing delay is a random one, as
//! radio links have them. CUBIC reduces cwnd for every loss and leaves a long path with random losses almost empty;
//! here it is told only of losses that the path's delay explains, of ECN marks, and of persistent congestion.
//! docs/congestion.md has the sources, the choice and its measurements.

use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, Instant};

use noq_proto::RttEstimator;
use noq_proto::congestion::{Controller, ControllerFactory, ControllerMetrics, CubicConfig};

/// Initial cwnd, about 44 packets. RFC 9002 has 10; each doubling saves a round trip at the start, and the pacer
/// spreads them over the first one.
pub const INITIAL_WINDOW_BYTES: u64 = 64 * 1024;

/// Queueing delay from which losses are congestion: 1/16 of the minimum RTT, so that a queue of a tenth of the
/// path's BDP is seen; at least what timers and bursts of the sender cause; and less than the delay at which CoDel
/// drops (5 ms, RFC 8289).
const QUEUE_FRACTION: u32 = 16;
const LEAST_QUEUE: Duration = Duration::from_millis(1);
const MOST_QUEUE: Duration = Duration::from_millis(4);

/// Rounds of which the minimum RTT counts, the present one included.
const ROUNDS: usize = 4;

/// Losses that are ignored: at most one byte for so many that arrive. A queue too short to be seen loses more.
const ARRIVED_FOR_A_LOST: u64 = 16;
/// Packets that may be lost at once before any arrived, and in a small cwnd.
const LEAST_ALLOWANCE_PACKETS: u64 = 8;

/// Makes the controller of each path.
#[derive(Debug)]
pub struct LossTolerantCubicConfig(Arc<CubicConfig>);

impl LossTolerantCubicConfig {
    pub fn new() -> Self {
        let mut cubic = CubicConfig::default();
        cubic.initial_window(INITIAL_WINDOW_BYTES);
        Self(Arc::new(cubic))
    }

    fn controller(&self, now: Instant, mtu: u16) -> LossTolerantCubic {
        LossTolerantCubic {
            cubic: self.0.clone().build(now, mtu),
            delay: QueueingDelay::new(now),
            allowance: LossAllowance::new(mtu),
            is_last_loss_ignored: false,
        }
    }
}

impl ControllerFactory for LossTolerantCubicConfig {
    fn build(self: Arc<Self>, now: Instant, mtu: u16) -> Box<dyn Controller> {
        Box::new(self.controller(now, mtu))
    }
}

#[derive(Debug)]
struct LossTolerantCubic {
    cubic: Box<dyn Controller>,
    delay: QueueingDelay,
    allowance: LossAllowance,
    /// CUBIC is not told that a loss was spurious of which it does not know.
    is_last_loss_ignored: bool,
}

impl Controller for LossTolerantCubic {
    fn on_sent(&mut self, now: Instant, bytes: u64, largest_pn: u64) {
        self.cubic.on_sent(now, bytes, largest_pn);
    }

    fn on_packet_sent(&mut self, now: Instant, bytes: u16, pn: u64) {
        self.cubic.on_packet_sent(now, bytes, pn);
    }

    fn on_cwnd_limited(&mut self) {
        self.cubic.on_cwnd_limited();
    }

    fn on_ack(&mut self, now: Instant, sent: Instant, bytes: u64, pn: u64, is_app_limited: bool, rtt: &RttEstimator) {
        self.delay.on_ack(now, sent);
        self.allowance.on_ack(bytes, self.cubic.window());
        self.cubic.on_ack(now, sent, bytes, pn, is_app_limited, rtt);
    }

    fn on_end_acks(&mut self, now: Instant, in_flight: u64, is_app_limited: bool, largest_pn: Option<u64>) {
        self.cubic.on_end_acks(now, in_flight, is_app_limited, largest_pn);
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
        self.is_last_loss_ignored =
            !is_persistent && !is_ecn && !self.delay.shows_queue() && self.allowance.takes(lost_bytes);
        if self.is_last_loss_ignored {
            return;
        }
        if is_persistent {
            // RFC 9002, section 5.2: the path may be another one.
            self.delay = QueueingDelay::new(now);
        }
        self.cubic.on_congestion_event(now, sent, is_persistent, is_ecn, lost_bytes, largest_lost_pn);
    }

    fn on_packet_lost(&mut self, lost_bytes: u16, pn: u64, now: Instant) {
        self.cubic.on_packet_lost(lost_bytes, pn, now);
    }

    fn on_spurious_congestion_event(&mut self) {
        if !self.is_last_loss_ignored {
            self.cubic.on_spurious_congestion_event();
        }
    }

    fn on_mtu_update(&mut self, mtu: u16) {
        self.allowance.packet_bytes = mtu.into();
        self.cubic.on_mtu_update(mtu);
    }

    fn on_ack_frequency_update(&mut self, packets: u64, longest_delay: Duration) {
        self.cubic.on_ack_frequency_update(packets, longest_delay);
    }

    fn window(&self) -> u64 {
        self.cubic.window()
    }

    fn metrics(&self) -> ControllerMetrics {
        self.cubic.metrics()
    }

    fn clone_box(&self) -> Box<dyn Controller> {
        Box::new(Self { cubic: self.cubic.clone_box(), ..*self })
    }

    fn initial_window(&self) -> u64 {
        self.cubic.initial_window()
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// Estimates the queueing delay of a path: the minimum RTT of its last rounds above that of all. A minimum, because
/// jitter and delayed acknowledgements only add to some of the samples and a queue adds to all.
#[derive(Debug, Clone, Copy)]
struct QueueingDelay {
    /// It does not expire: on a path whose RTT has grown every loss is congestion, and an expiry beside flows that keep
    /// the queue full would hide that queue.
    least: Duration,
    /// Minima of the last rounds, the present one first.
    rounds: [Duration; ROUNDS],
    round_start: Instant,
}

impl QueueingDelay {
    fn new(now: Instant) -> Self {
        Self { least: Duration::MAX, rounds: [Duration::MAX; ROUNDS], round_start: now }
    }

    fn on_ack(&mut self, now: Instant, sent: Instant) {
        let rtt = now.saturating_duration_since(sent);
        self.least = self.least.min(rtt);
        // A round ends with the acknowledgement of a packet that was sent in it.
        if sent >= self.round_start {
            self.rounds.rotate_right(1);
            self.rounds[0] = rtt;
            self.round_start = now;
        } else {
            self.rounds[0] = self.rounds[0].min(rtt);
        }
    }

    fn shows_queue(&self) -> bool {
        let recent = self.rounds.iter().min().copied().unwrap_or_default();
        recent.saturating_sub(self.least) > (self.least / QUEUE_FRACTION).clamp(LEAST_QUEUE, MOST_QUEUE)
    }
}

/// Bytes whose loss may still be ignored: a token bucket that the bytes that arrive fill.
#[derive(Debug, Clone, Copy)]
struct LossAllowance {
    packet_bytes: u64,
    /// In bytes that arrived.
    arrived: u64,
}

impl LossAllowance {
    fn new(mtu: u16) -> Self {
        let packet_bytes = u64::from(mtu);
        Self { packet_bytes, arrived: LEAST_ALLOWANCE_PACKETS * packet_bytes * ARRIVED_FOR_A_LOST }
    }

    fn on_ack(&mut self, bytes: u64, window: u64) {
        let most = window.max(LEAST_ALLOWANCE_PACKETS * self.packet_bytes * ARRIVED_FOR_A_LOST);
        self.arrived = (self.arrived + bytes).min(most);
    }

    fn takes(&mut self, lost_bytes: u64) -> bool {
        let needed = lost_bytes * ARRIVED_FOR_A_LOST;
        let is_covered = needed <= self.arrived;
        if is_covered {
            self.arrived -= needed;
        }
        is_covered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKET: u16 = 1_200;
    const BASE: Duration = Duration::from_millis(48);
    /// CUBIC's reduction (beta_cubic of RFC 9438).
    const REDUCED_BYTES: u64 = INITIAL_WINDOW_BYTES * 7 / 10;

    /// A controller after some rounds with these RTTs.
    fn after(rtts: &[Duration]) -> (LossTolerantCubic, Instant) {
        let mut now = Instant::now();
        let mut controller = LossTolerantCubicConfig::new().controller(now, PACKET);
        for rtt in rtts {
            let sent = now;
            now += *rtt;
            controller.delay.on_ack(now, sent);
        }
        (controller, now)
    }

    /// After rounds without a queue, and as many as count with a delay.
    fn delayed_by(delay: Duration) -> (LossTolerantCubic, Instant) {
        let mut rtts = vec![BASE; 3];
        rtts.extend([BASE + delay; ROUNDS]);
        after(&rtts)
    }

    fn lose(controller: &mut LossTolerantCubic, now: Instant, bytes: u64) {
        controller.on_congestion_event(now, now, false, false, bytes, 0);
    }

    #[test]
    fn the_initial_window_is_64_kib() {
        let controller = Arc::new(LossTolerantCubicConfig::new()).build(Instant::now(), PACKET);
        assert_eq!((controller.window(), controller.initial_window()), (INITIAL_WINDOW_BYTES, INITIAL_WINDOW_BYTES));
    }

    #[test]
    fn a_loss_reduces_the_window_only_behind_a_queue() {
        for (delay_ms, window) in [(0, INITIAL_WINDOW_BYTES), (3, INITIAL_WINDOW_BYTES), (4, REDUCED_BYTES)] {
            let (mut controller, now) = delayed_by(Duration::from_millis(delay_ms));
            lose(&mut controller, now, PACKET.into());
            assert_eq!(controller.window(), window, "{delay_ms} ms");
            assert_eq!(controller.clone_box().window(), window);
        }
    }

    #[test]
    fn the_queue_is_a_sixteenth_of_the_rtt_from_1_to_4_ms() {
        for (rtt_us, shown_us) in [(50, 1_000), (8_000, 1_000), (32_000, 2_000), (64_000, 4_000), (320_000, 4_000)] {
            let rtt = Duration::from_micros(rtt_us);
            for (delay_us, is_shown) in [(shown_us, false), (shown_us + 1, true)] {
                let mut rtts = vec![rtt];
                rtts.extend([rtt + Duration::from_micros(delay_us); ROUNDS]);
                assert_eq!(after(&rtts).0.delay.shows_queue(), is_shown, "{rtt_us} and {delay_us} µs");
            }
        }
    }

    #[test]
    fn a_round_without_delay_means_that_there_is_no_queue() {
        let (late, jitter) = (BASE + Duration::from_millis(20), Duration::from_millis(9));
        assert!(!after(&[BASE, late, late, BASE, late + jitter]).0.delay.shows_queue());
        assert!(after(&[BASE, late, late, late, late + jitter]).0.delay.shows_queue());
    }

    #[test]
    fn a_round_lasts_until_a_packet_of_it_is_acknowledged() {
        let (mut controller, now) = after(&[BASE]);
        for _ in 0..10 * ROUNDS {
            // Sent before the round began.
            controller.delay.on_ack(now + BASE / 2, now - BASE / 2);
        }
        assert_eq!(controller.delay.rounds, [BASE, Duration::MAX, Duration::MAX, Duration::MAX]);
    }

    #[test]
    fn ecn_and_persistent_congestion_always_reduce_the_window() {
        let (mut controller, now) = delayed_by(Duration::ZERO);
        controller.on_congestion_event(now, now, false, true, 0, 0);
        assert_eq!(controller.window(), REDUCED_BYTES);

        let (mut controller, now) = delayed_by(Duration::ZERO);
        controller.on_congestion_event(now, now, true, false, PACKET.into(), 0);
        assert_eq!(controller.window(), 2 * u64::from(PACKET));
    }

    #[test]
    fn the_minimum_rtt_is_measured_anew_after_persistent_congestion() {
        let (mut controller, mut now) = after(&[BASE]);
        controller.on_congestion_event(now, now, true, false, PACKET.into(), 0);
        for _ in 0..ROUNDS {
            controller.delay.on_ack(now + 3 * BASE, now);
            now += 3 * BASE;
        }
        assert!(!controller.delay.shows_queue());
        assert_eq!(controller.delay.least, 3 * BASE);
    }

    #[test]
    fn more_losses_than_one_in_sixteen_reduce_the_window() {
        let allowed = LEAST_ALLOWANCE_PACKETS * u64::from(PACKET);
        let (mut controller, now) = delayed_by(Duration::ZERO);
        lose(&mut controller, now, allowed);
        assert_eq!(controller.window(), INITIAL_WINDOW_BYTES);
        controller.allowance.on_ack(16 * u64::from(PACKET), INITIAL_WINDOW_BYTES);
        lose(&mut controller, now, PACKET.into());
        assert_eq!(controller.window(), INITIAL_WINDOW_BYTES);
        lose(&mut controller, now, 1);
        assert_eq!(controller.window(), REDUCED_BYTES);
    }

    #[test]
    fn the_allowance_is_that_of_one_window_at_most() {
        let mut allowance = LossAllowance::new(PACKET);
        let window = 1_000 * u64::from(PACKET);
        allowance.on_ack(10 * window, window);
        assert!(allowance.takes(window / ARRIVED_FOR_A_LOST));
        assert!(!allowance.takes(1));
    }

    #[test]
    fn a_spurious_loss_is_undone_only_if_it_reduced_the_window() {
        let queue = Duration::from_millis(10);
        let (mut controller, now) = delayed_by(queue);
        lose(&mut controller, now, PACKET.into());
        controller.on_spurious_congestion_event();
        assert_eq!(controller.window(), INITIAL_WINDOW_BYTES);

        let (mut controller, now) = delayed_by(queue);
        lose(&mut controller, now, PACKET.into());
        controller.delay = QueueingDelay::new(now);
        lose(&mut controller, now, PACKET.into());
        controller.on_spurious_congestion_event();
        assert_eq!(controller.window(), REDUCED_BYTES);
    }
}
