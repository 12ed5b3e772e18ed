//! The runs and their tables. Runs are independent, so each processor takes the next one.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::controllers::{CUBIC, NAMES, factory};
use crate::identity::Identity;
use crate::link::{LinkOptions, Nanos, SECOND};
use crate::simulation::{FlowOptions, Simulation};

const MIB: u64 = 1024 * 1024;
const RATES_MBIT: [f64; 3] = [20.0, 100.0, 400.0];
const RTTS_MS: [f64; 3] = [20.0, 50.0, 200.0];
const LOSSES_PERCENT: [f64; 4] = [0.0, 0.1, 1.0, 3.0];
const SEEDS: [u64; 3] = [1, 2, 3];
const LINK: LinkOptions = LinkOptions {
    mbit_per_second: 100.0,
    rtt_ms: 50.0,
    loss_percent: 0.0,
    queue_bdp: 1.0,
    jitter_ms: 0.0,
    is_codel: false,
};
/// A transfer that takes longer counts as one that takes so long.
const LIMIT: Nanos = 600 * SECOND;
const WARM_UP: Nanos = 20 * SECOND;
const MEASURED: Nanos = 60 * SECOND;
/// Between the starts of flows.
const STAGGER: Nanos = SECOND;

/// What is run and printed: everything whose name has the text.
pub struct Wanted {
    pub table: String,
    pub link: String,
    pub controller: String,
    /// Bytes and times are divided by it.
    pub divisor: u64,
}

impl Wanted {
    fn controllers(&self) -> impl Iterator<Item = usize> {
        (0..NAMES.len()).filter(|&index| NAMES[index].contains(&self.controller))
    }
}

pub fn print(wanted: &Wanted) {
    let identity = Identity::new();
    for (name, print) in
        [("goodput", print_goodput as fn(&Identity, &Wanted)), ("special", print_special), ("shares", print_shares)]
    {
        if name.contains(&wanted.table) {
            print(&identity, wanted);
        }
    }
}

fn print_goodput(identity: &Identity, wanted: &Wanted) {
    let mut links = vec![
        (
            "8 Gbit/s, 0.05 ms, as loopback".to_owned(),
            LinkOptions { mbit_per_second: 8e3, rtt_ms: 0.05, queue_bdp: 20.0, ..LINK },
        ),
        (
            "1 Gbit/s, 0.2 ms, as Ethernet".to_owned(),
            LinkOptions { mbit_per_second: 1e3, rtt_ms: 0.2, queue_bdp: 5.0, ..LINK },
        ),
    ];
    for mbit_per_second in RATES_MBIT {
        for rtt_ms in RTTS_MS {
            for loss_percent in LOSSES_PERCENT {
                let name = format!("{mbit_per_second} Mbit/s, {rtt_ms} ms, {loss_percent} %");
                links.push((name, LinkOptions { mbit_per_second, rtt_ms, loss_percent, ..LINK }));
            }
        }
    }
    print_goodput_of(identity, wanted, &links);
}

fn print_special(identity: &Identity, wanted: &Wanted) {
    let links = [
        ("queue of 0.1 BDP, no loss", LinkOptions { queue_bdp: 0.1, ..LINK }),
        ("queue of 0.1 BDP, 1 % loss", LinkOptions { queue_bdp: 0.1, loss_percent: 1.0, ..LINK }),
        ("queue of 4 BDP, no loss", LinkOptions { queue_bdp: 4.0, ..LINK }),
        ("jitter to 2 ms each way, 1 % loss", LinkOptions { jitter_ms: 2.0, loss_percent: 1.0, ..LINK }),
        ("jitter to 10 ms each way, no loss", LinkOptions { jitter_ms: 10.0, ..LINK }),
        ("jitter to 10 ms each way, 1 % loss", LinkOptions { jitter_ms: 10.0, loss_percent: 1.0, ..LINK }),
        ("CoDel, no loss", LinkOptions { is_codel: true, ..LINK }),
        ("CoDel, 1 % loss", LinkOptions { is_codel: true, loss_percent: 1.0, ..LINK }),
        ("5 % loss", LinkOptions { loss_percent: 5.0, ..LINK }),
        ("10 % loss", LinkOptions { loss_percent: 10.0, ..LINK }),
    ];
    print_goodput_of(identity, wanted, &links.map(|(name, link)| (name.to_owned(), link)));
}

/// Goodput in parts of the link's rate: the mean of all seeds.
fn print_goodput_of(identity: &Identity, wanted: &Wanted, links: &[(String, LinkOptions)]) {
    let links: Vec<_> = links.iter().filter(|(name, _)| name.contains(&wanted.link)).collect();
    let runs: Vec<_> =
        links.iter().flat_map(|(_, link)| wanted.controllers().map(move |controller| (*link, controller))).collect();
    let goodputs = in_parallel(&runs, |(link, controller)| {
        let mib = if link.mbit_per_second < 50.0 { 16 } else { 64 };
        let bytes = mib * MIB / wanted.divisor;
        mean(SEEDS.iter().map(|&seed| {
            let flow = FlowOptions { factory: factory(*controller), bytes, start: 0 };
            let mut simulation = Simulation::new(identity, link, vec![flow], seed);
            let nanos = simulation.until_first_is_complete(LIMIT).unwrap_or(LIMIT);
            bytes as f64 * SECOND as f64 / nanos as f64 / link.bytes_per_second()
        }))
    });
    head(wanted, &["link"]);
    for ((name, _), row) in links.iter().zip(goodputs.chunks(wanted.controllers().count())) {
        let cells: Vec<_> = row.iter().map(|goodput| format!("{goodput:.2}")).collect();
        println!("| {name} | {} |", cells.join(" | "));
    }
    println!();
}

struct Shares {
    /// Of the flow in question, in parts of an equal share.
    share: f64,
    jain: f64,
    /// Throughput of all flows in parts of the link's rate.
    utilisation: f64,
    queueing_ms: f64,
    queueing_95_ms: f64,
}

fn print_shares(identity: &Identity, wanted: &Wanted) {
    let mut links = Vec::new();
    for mbit_per_second in RATES_MBIT {
        for rtt_ms in RTTS_MS {
            let name = format!("{mbit_per_second} Mbit/s, {rtt_ms} ms");
            links.push((name, LinkOptions { mbit_per_second, rtt_ms, ..LINK }));
        }
    }
    for (name, link) in [
        ("100 Mbit/s, 50 ms, queue of 0.1 BDP", LinkOptions { queue_bdp: 0.1, ..LINK }),
        ("100 Mbit/s, 20 ms, queue of 0.1 BDP", LinkOptions { queue_bdp: 0.1, rtt_ms: 20.0, ..LINK }),
        ("100 Mbit/s, 50 ms, queue of 4 BDP", LinkOptions { queue_bdp: 4.0, ..LINK }),
        ("100 Mbit/s, 50 ms, jitter to 10 ms", LinkOptions { jitter_ms: 10.0, ..LINK }),
        ("100 Mbit/s, 50 ms, 1 % loss", LinkOptions { loss_percent: 1.0, ..LINK }),
        ("100 Mbit/s, 50 ms, CoDel", LinkOptions { is_codel: true, ..LINK }),
        ("100 Mbit/s, 200 ms, CoDel", LinkOptions { is_codel: true, rtt_ms: 200.0, ..LINK }),
    ] {
        links.push((name.to_owned(), link));
    }
    links.retain(|(name, _)| name.contains(&wanted.link));
    let runs: Vec<_> = links
        .iter()
        .flat_map(|(_, link)| [1, 3].map(|rivals| (*link, rivals)))
        .flat_map(|(link, rivals)| wanted.controllers().map(move |controller| (link, rivals, controller)))
        .collect();
    let results =
        in_parallel(&runs, |(link, rivals, controller)| shares(identity, link, *rivals, *controller, wanted.divisor));
    head(wanted, &["link", "flows of CUBIC beside it"]);
    for (row, results) in results.chunks(wanted.controllers().count()).enumerate() {
        let cells: Vec<_> = results
            .iter()
            .map(|Shares { share, jain, utilisation, queueing_ms, queueing_95_ms }| {
                format!("{share:.2}; {jain:.2}; {utilisation:.2}; {queueing_ms:.0}, {queueing_95_ms:.0}")
            })
            .collect();
        println!("| {} | {} | {} |", links[row / 2].0, [1, 3][row % 2], cells.join(" | "));
    }
    println!();
}

fn shares(identity: &Identity, link: &LinkOptions, rivals: usize, controller: usize, divisor: u64) -> Shares {
    // After one rival and before the others.
    let position = 1;
    let flows = (0..=rivals)
        .map(|index| FlowOptions {
            factory: factory(if index == position { controller } else { CUBIC }),
            bytes: u64::MAX,
            start: index as Nanos * STAGGER,
        })
        .collect();
    let mut simulation = Simulation::new(identity, link, flows, 1);
    simulation.until(WARM_UP / divisor);
    simulation.take_queueing();
    let before: Vec<u64> = (0..=rivals).map(|flow| simulation.received(flow)).collect();
    simulation.until((WARM_UP + MEASURED) / divisor);
    let rates: Vec<f64> = (0..=rivals).map(|flow| (simulation.received(flow) - before[flow]) as f64).collect();
    let total: f64 = rates.iter().sum();
    let squares: f64 = rates.iter().map(|rate| rate * rate).sum();
    let mut queueing = simulation.take_queueing();
    queueing.sort_unstable();
    let ms = |nanos: f64| nanos / 1e6;
    Shares {
        share: rates[position] / total * rates.len() as f64,
        jain: total * total / (rates.len() as f64 * squares),
        utilisation: total / (link.bytes_per_second() * (MEASURED / divisor) as f64 / SECOND as f64),
        queueing_ms: ms(mean(queueing.iter().map(|&nanos| nanos as f64))),
        queueing_95_ms: ms(queueing[queueing.len() * 95 / 100] as f64),
    }
}

fn head(wanted: &Wanted, columns: &[&str]) {
    let names: Vec<_> = columns.iter().copied().chain(wanted.controllers().map(|index| NAMES[index])).collect();
    println!("| {} |", names.join(" | "));
    println!("|{}", " --- |".repeat(names.len()));
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (count, sum) = values.fold((0, 0.0), |(count, sum), value| (count + 1, sum + value));
    sum / f64::from(count)
}

fn in_parallel<Run: Sync, Result: Send>(runs: &[Run], run: impl Fn(&Run) -> Result + Sync) -> Vec<Result> {
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<(usize, Result)>> = Mutex::default();
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(one) = runs.get(index) else { break };
                    let start = std::time::Instant::now();
                    let result = run(one);
                    eprintln!("{} of {}: {:.1} s", index + 1, runs.len(), start.elapsed().as_secs_f64());
                    results.lock().expect("no run panics").push((index, result));
                }
            });
        }
    });
    let mut results = results.into_inner().expect("no run panics");
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}
