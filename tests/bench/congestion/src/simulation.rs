//! Flows over one shared link, in virtual time: a queue of events, of which the earliest is next.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::{Duration, Instant};

use bytes::BytesMut;

use crate::flow::{End, Factory};
use crate::identity::Identity;
use crate::link::{Link, LinkOptions, MILLISECOND, Nanos};
use crate::random::Random;

/// Of tokio's timers, which pli's connections have.
const TIMER_RESOLUTION: Nanos = MILLISECOND;

pub struct FlowOptions {
    pub factory: Factory,
    pub bytes: u64,
    pub start: Nanos,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Sender,
    Receiver,
}

enum Happening {
    Start(usize),
    Arrival(usize, Side, BytesMut),
    Timer(usize, Side, Instant),
}

struct Event {
    at: Nanos,
    /// Events of the same time stay in their order.
    number: u64,
    what: Happening,
}

impl PartialEq for Event {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Event {}

impl PartialOrd for Event {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Event {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

struct Flow {
    options: FlowOptions,
    /// Both from its start on.
    ends: Option<[End; 2]>,
}

pub struct Simulation<'a> {
    identity: &'a Identity,
    epoch: Instant,
    random: Random,
    events: BinaryHeap<Reverse<Event>>,
    number: u64,
    flows: Vec<Flow>,
    data: Link,
    acknowledgements: Link,
    /// The time that each packet of data spent in the queue since the last `take_queueing`.
    queueing: Vec<Nanos>,
}

impl<'a> Simulation<'a> {
    pub fn new(identity: &'a Identity, link: &LinkOptions, flows: Vec<FlowOptions>, seed: u64) -> Self {
        let mut simulation = Self {
            identity,
            epoch: Instant::now(),
            random: Random::new(seed),
            events: BinaryHeap::new(),
            number: 0,
            flows: flows.into_iter().map(|options| Flow { options, ends: None }).collect(),
            data: Link::new(link, seed + 1_000),
            acknowledgements: Link::new(link, seed + 2_000),
            queueing: Vec::new(),
        };
        for index in 0..simulation.flows.len() {
            simulation.push(simulation.flows[index].options.start, Happening::Start(index));
        }
        simulation
    }

    /// When the first flow has all of its bytes; None when that takes longer than `limit`.
    pub fn until_first_is_complete(&mut self, limit: Nanos) -> Option<Nanos> {
        let bytes = self.flows[0].options.bytes;
        self.run(limit, |simulation| simulation.received(0) == bytes)
    }

    pub fn until(&mut self, end: Nanos) {
        self.run(end, |_| false);
    }

    /// Bytes that a flow's receiver has.
    pub fn received(&self, flow: usize) -> u64 {
        self.flows[flow].ends.as_ref().map_or(0, |[_, receiver]| receiver.received)
    }

    pub fn take_queueing(&mut self) -> Vec<Nanos> {
        std::mem::take(&mut self.queueing)
    }

    fn run(&mut self, end: Nanos, is_done: impl Fn(&Self) -> bool) -> Option<Nanos> {
        while let Some(Reverse(event)) = self.events.pop() {
            if event.at > end {
                self.events.push(Reverse(event));
                break;
            }
            let at = event.at;
            self.happen(event);
            if is_done(self) {
                return Some(at);
            }
        }
        None
    }

    fn happen(&mut self, Event { at, what, .. }: Event) {
        let now = self.epoch + Duration::from_nanos(at);
        let (flow, side) = match what {
            Happening::Start(flow) => {
                let FlowOptions { factory, bytes, .. } = &self.flows[flow].options;
                let sender = End::sender(self.identity, factory.clone(), *bytes, now, &mut self.random);
                let receiver = End::receiver(self.identity, factory.clone(), &mut self.random);
                self.flows[flow].ends = Some([sender, receiver]);
                (flow, Side::Sender)
            }
            Happening::Arrival(flow, side, packet) => {
                self.end(flow, side).on_packet(now, packet);
                (flow, side)
            }
            Happening::Timer(flow, side, set) => {
                if self.end(flow, side).wake != Some(set) {
                    return;
                }
                self.end(flow, side).on_timer(now);
                (flow, side)
            }
        };
        self.drive(flow, side, at);
    }

    fn drive(&mut self, flow: usize, side: Side, at: Nanos) {
        let now = self.epoch + Duration::from_nanos(at);
        let mut packets = Vec::new();
        let end = self.end(flow, side);
        let wake = end.wake;
        end.drive(now, |packet| packets.push(BytesMut::from(packet)));
        let next_wake = end.wake;
        if let Some(set) = next_wake.filter(|_| next_wake != wake || next_wake <= Some(now)) {
            let due = set.saturating_duration_since(self.epoch).as_nanos() as Nanos;
            self.push(due.max(at + 1).next_multiple_of(TIMER_RESOLUTION), Happening::Timer(flow, side, set));
        }
        for packet in packets {
            let (link, other) = match side {
                Side::Sender => (&mut self.data, Side::Receiver),
                Side::Receiver => (&mut self.acknowledgements, Side::Sender),
            };
            let Some((arrival, queued)) = link.send(at, packet.len()) else { continue };
            if side == Side::Sender {
                self.queueing.push(queued);
            }
            self.push(arrival, Happening::Arrival(flow, other, packet));
        }
    }

    fn end(&mut self, flow: usize, side: Side) -> &mut End {
        &mut self.flows[flow].ends.as_mut().expect("a flow that has begun")[side as usize]
    }

    fn push(&mut self, at: Nanos, what: Happening) {
        self.number += 1;
        self.events.push(Reverse(Event { at, number: self.number, what }));
    }
}
