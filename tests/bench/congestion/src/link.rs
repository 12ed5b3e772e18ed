//! One direction of a link, in virtual time: a rate, a drop-tail queue, a delay, random loss and jitter. Packets do not
//! overtake each other.

use crate::random::Random;

/// Nanoseconds since the start of a run.
pub type Nanos = u64;

pub const MILLISECOND: Nanos = 1_000_000;
pub const SECOND: Nanos = 1_000 * MILLISECOND;

/// IPv4 and UDP.
const HEADER_BYTES: usize = 28;

/// A queue shorter than this would drop single bursts of a pacer.
const LEAST_QUEUE_PACKETS: f64 = 10.0;
const PACKET_BYTES: f64 = 1_500.0;

/// How often the delay of a link with jitter changes its direction.
const JITTER_PERIOD: Nanos = 20 * MILLISECOND;

#[derive(Debug, Clone, Copy)]
pub struct LinkOptions {
    pub mbit_per_second: f64,
    /// Of the whole path, without queues.
    pub rtt_ms: f64,
    pub loss_percent: f64,
    /// Length of the queue in bandwidth-delay products.
    pub queue_bdp: f64,
    /// The most that is added to the delay of each direction.
    pub jitter_ms: f64,
    /// CoDel (RFC 8289) instead of drop-tail.
    pub is_codel: bool,
}

impl LinkOptions {
    pub fn bytes_per_second(&self) -> f64 {
        self.mbit_per_second * 1e6 / 8.0
    }
}

pub struct Link {
    bytes_per_second: f64,
    delay: Nanos,
    queue_bytes: f64,
    loss: f64,
    jitter: Option<Jitter>,
    codel: Option<Codel>,
    random: Random,
    /// When the last packet has left the queue, and when it arrives.
    free: Nanos,
    last_arrival: Nanos,
}

impl Link {
    pub fn new(options: &LinkOptions, seed: u64) -> Self {
        let bytes_per_second = options.bytes_per_second();
        let bdp_bytes = bytes_per_second * options.rtt_ms / 1e3;
        let nanos = |ms: f64| (ms * MILLISECOND as f64) as Nanos;
        Self {
            bytes_per_second,
            delay: nanos(options.rtt_ms / 2.0),
            queue_bytes: (bdp_bytes * options.queue_bdp).max(LEAST_QUEUE_PACKETS * PACKET_BYTES),
            loss: options.loss_percent / 100.0,
            jitter: (options.jitter_ms > 0.0).then(|| Jitter::new(nanos(options.jitter_ms), seed + 1)),
            codel: options.is_codel.then(Codel::default),
            random: Random::new(seed),
            free: 0,
            last_arrival: 0,
        }
    }

    /// When a packet arrives that is sent now, and the time it spends in the queue; None when it is lost.
    pub fn send(&mut self, now: Nanos, payload_bytes: usize) -> Option<(Nanos, Nanos)> {
        let bytes = (payload_bytes + HEADER_BYTES) as f64;
        let start = self.free.max(now);
        let queued = start - now;
        let backlog = queued as f64 / SECOND as f64 * self.bytes_per_second;
        if backlog + bytes > self.queue_bytes + PACKET_BYTES {
            return None;
        }
        if self.codel.as_mut().is_some_and(|codel| codel.drops(start, queued, backlog)) {
            return None;
        }
        self.free = start + (bytes / self.bytes_per_second * SECOND as f64) as Nanos;
        // A packet that is lost at random has used the link.
        if self.random.unit() < self.loss {
            return None;
        }
        let jitter = self.jitter.as_mut().map_or(0, |jitter| jitter.at(self.free));
        self.last_arrival = self.last_arrival.max(self.free + self.delay + jitter);
        Some((self.last_arrival, queued))
    }
}

/// A delay that moves in straight lines between random values, as that of a radio link does with its schedule.
struct Jitter {
    most: Nanos,
    random: Random,
    from: Nanos,
    to: Nanos,
    period: u64,
}

impl Jitter {
    fn new(most: Nanos, seed: u64) -> Self {
        Self { most, random: Random::new(seed), from: 0, to: 0, period: 0 }
    }

    fn at(&mut self, now: Nanos) -> Nanos {
        while self.period < now / JITTER_PERIOD {
            self.period += 1;
            self.from = self.to;
            self.to = (self.random.unit() * self.most as f64) as Nanos;
        }
        let part = (now % JITTER_PERIOD) as f64 / JITTER_PERIOD as f64;
        (self.from as f64 * (1.0 - part) + self.to as f64 * part) as Nanos
    }
}

/// The drop rule of RFC 8289. It is applied when a packet enters the queue, with the time at which it leaves it.
#[derive(Default)]
struct Codel {
    above_since: Option<Nanos>,
    is_dropping: bool,
    next_drop: Nanos,
    count: u32,
}

impl Codel {
    const TARGET: Nanos = 5 * MILLISECOND;
    const INTERVAL: Nanos = 100 * MILLISECOND;

    fn drops(&mut self, now: Nanos, queued: Nanos, backlog: f64) -> bool {
        if queued < Self::TARGET || backlog <= PACKET_BYTES {
            self.above_since = None;
            self.is_dropping = false;
            return false;
        }
        let since = *self.above_since.get_or_insert(now);
        if self.is_dropping {
            if now < self.next_drop {
                return false;
            }
            self.count += 1;
        } else {
            if now < since + Self::INTERVAL {
                return false;
            }
            let is_recent = now.saturating_sub(self.next_drop) < 16 * Self::INTERVAL;
            self.count = if is_recent && self.count > 2 { self.count - 2 } else { 1 };
            self.is_dropping = true;
            self.next_drop = now;
        }
        self.next_drop += (Self::INTERVAL as f64 / f64::from(self.count).sqrt()) as Nanos;
        true
    }
}
