//! The controllers that are compared, all with the initial cwnd of pli's.

use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, Instant};

use noq_proto::RttEstimator;
use noq_proto::congestion::{Bbr3Config, Controller, ControllerFactory, ControllerMetrics, CubicConfig};

use crate::flow::Factory;
use crate::shipped::{INITIAL_WINDOW_BYTES, LossTolerantCubicConfig};

pub const NAMES: [&str; 4] = ["CUBIC", "BBRv3", "max(CUBIC, BBRv3)", "loss-tolerant CUBIC"];

/// Of the controller by whose flows the others are judged.
pub const CUBIC: usize = 0;

pub fn factory(index: usize) -> Factory {
    match index {
        0 => cubic(),
        1 => bbr(),
        2 => Arc::new(LargestConfig([cubic(), bbr()])),
        _ => Arc::new(LossTolerantCubicConfig::new()),
    }
}

fn cubic() -> Factory {
    let mut config = CubicConfig::default();
    config.initial_window(INITIAL_WINDOW_BYTES);
    Arc::new(config)
}

fn bbr() -> Factory {
    let mut config = Bbr3Config::default();
    config.initial_window(INITIAL_WINDOW_BYTES);
    Arc::new(config)
}

/// pli's controller until 2026-11: the larger one of two cwnds, without BBR's pacing.
struct LargestConfig([Factory; 2]);

impl ControllerFactory for LargestConfig {
    fn build(self: Arc<Self>, now: Instant, mtu: u16) -> Box<dyn Controller> {
        Box::new(Largest(self.0.each_ref().map(|factory| factory.clone().build(now, mtu))))
    }
}

#[derive(Debug)]
struct Largest([Box<dyn Controller>; 2]);

impl Largest {
    fn each(&mut self, call: impl Fn(&mut dyn Controller)) {
        self.0.iter_mut().for_each(|controller| call(controller.as_mut()));
    }
}

impl Controller for Largest {
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

    fn on_mtu_update(&mut self, mtu: u16) {
        self.each(|one| one.on_mtu_update(mtu));
    }

    fn on_ack_frequency_update(&mut self, packets: u64, longest_delay: Duration) {
        self.each(|one| one.on_ack_frequency_update(packets, longest_delay));
    }

    fn window(&self) -> u64 {
        self.0.iter().map(|one| one.window()).fold(0, u64::max)
    }

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
