//! The events of iroh, noq and their libraries, for pli's log. A filter decides which are formatted; those are kept in a
//! bounded queue, which JavaScript empties. A full queue drops and counts events, so a slow log delays no packet.
//! Until a filter is set there is no subscriber, and an event costs the load of one atomic.
//!
//! An event has the fields of its spans too, which identify its endpoint, its peer and its connection.

use std::collections::VecDeque;
use std::fmt::{self, Debug, Write};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use napi_derive::napi;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{Interest, set_global_default};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};

/// Bounds of the queue.
const MAXIMUM_EVENTS: usize = 16_384;
const MAXIMUM_BYTES: usize = 8 * 1024 * 1024;
/// Longer values are cut, and further fields are left out.
const MAXIMUM_VALUE_BYTES: usize = 2_000;
const MAXIMUM_FIELDS: usize = 32;

/// The highest severity that is logged: 0 is nothing, 1 errors, 5 everything.
type Verbosity = u32;

/// A target, and all below it.
#[napi(object)]
pub struct LogTarget {
    pub target: String,
    pub verbosity: Verbosity,
}

#[napi(object)]
pub struct LogField {
    pub name: String,
    pub value: String,
}

#[napi(object)]
pub struct LogEvent {
    /// Milliseconds since 1970.
    pub at_ms: f64,
    /// From 1, an error, to 5, a trace.
    pub level: u32,
    pub target: String,
    pub message: String,
    pub fields: Vec<LogField>,
}

#[napi(object)]
pub struct LogEvents {
    pub events: Vec<LogEvent>,
    /// Events that the queue had no room for, after those.
    pub dropped: u32,
}

/// Sets the filter of the process: the verbosity of the longest listed target that matches, otherwise `verbosity`.
#[napi(catch_unwind)]
pub fn set_log_filter(verbosity: Verbosity, targets: Vec<LogTarget>) {
    static INSTALLED: Once = Once::new();
    let filter = Filter { other: verbosity, targets };
    if filter.highest() > 0 {
        // It fails where there is one already, which no other part of the addon installs.
        INSTALLED.call_once(|| drop(set_global_default(Registry::default().with(QueueLayer(&LOG)))));
    }
    *locked(&LOG.filter) = filter;
    tracing::callsite::rebuild_interest_cache();
}

/// The events since the last call.
#[napi(catch_unwind)]
pub fn take_log_events() -> LogEvents {
    locked(&LOG.queue).take()
}

struct Log {
    filter: Mutex<Filter>,
    queue: Mutex<Queue>,
}

static LOG: Log = Log::new();

impl Log {
    const fn new() -> Self {
        Self {
            filter: Mutex::new(Filter { other: 0, targets: Vec::new() }),
            queue: Mutex::new(Queue { events: VecDeque::new(), bytes: 0, dropped: 0 }),
        }
    }
}

/// A panic elsewhere leaves neither of them half changed.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Filter {
    other: Verbosity,
    targets: Vec<LogTarget>,
}

impl Filter {
    /// Whether an event is logged. A span is context for events of any target, so the highest verbosity decides.
    fn passes(&self, metadata: &Metadata<'_>) -> bool {
        let wanted = if metadata.is_span() { self.highest() } else { self.verbosity_for(metadata.target()) };
        severity(metadata.level()) <= wanted
    }

    fn highest(&self) -> Verbosity {
        self.targets.iter().map(|named| named.verbosity).fold(self.other, Verbosity::max)
    }

    /// By whole parts: `iroh` is that of `iroh::socket`, and not that of `iroh_relay`.
    fn verbosity_for(&self, target: &str) -> Verbosity {
        let matches = |named: &&LogTarget| {
            target.strip_prefix(&*named.target).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        };
        let longest = self.targets.iter().filter(matches).max_by_key(|named| named.target.len());
        longest.map_or(self.other, |named| named.verbosity)
    }
}

fn severity(level: &Level) -> Verbosity {
    match *level {
        Level::ERROR => 1,
        Level::WARN => 2,
        Level::INFO => 3,
        Level::DEBUG => 4,
        Level::TRACE => 5,
    }
}

struct Queue {
    events: VecDeque<LogEvent>,
    bytes: usize,
    dropped: u32,
}

impl Queue {
    /// The newest events are dropped. After a drop nothing is queued until the queue is emptied, so the dropped events
    /// follow the queued ones.
    fn push(&mut self, event: LogEvent) {
        let bytes = size_bytes(&event);
        if self.dropped > 0 || self.events.len() >= MAXIMUM_EVENTS || self.bytes + bytes > MAXIMUM_BYTES {
            self.dropped = self.dropped.saturating_add(1);
            return;
        }
        self.bytes += bytes;
        self.events.push_back(event);
    }

    fn take(&mut self) -> LogEvents {
        let taken = std::mem::replace(self, Self { events: VecDeque::new(), bytes: 0, dropped: 0 });
        LogEvents { events: taken.events.into(), dropped: taken.dropped }
    }
}

fn size_bytes(event: &LogEvent) -> usize {
    let fields = event.fields.iter().map(|field| size_of::<LogField>() + field.name.len() + field.value.len());
    size_of::<LogEvent>() + event.target.len() + event.message.len() + fields.sum::<usize>()
}

struct QueueLayer(&'static Log);

impl<S: Subscriber + for<'span> LookupSpan<'span>> Layer<S> for QueueLayer {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if locked(&self.0.filter).passes(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        locked(&self.0.filter).passes(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(match locked(&self.0.filter).highest() {
            0 => LevelFilter::OFF,
            1 => LevelFilter::ERROR,
            2 => LevelFilter::WARN,
            3 => LevelFilter::INFO,
            4 => LevelFilter::DEBUG,
            _ => LevelFilter::TRACE,
        })
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        span.extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        let at_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis()) as f64;
        let mut fields = Fields::default();
        let mut spans = Limited::default();
        for span in context.event_scope(event).into_iter().flat_map(|scope| scope.from_root()) {
            let _ = write!(spans, "{}{}", if spans.0.is_empty() { "" } else { ":" }, span.name());
            if let Some(of_span) = span.extensions().get::<Fields>() {
                of_span.named.iter().for_each(|field| fields.set(&field.name, field.value.clone()));
            }
        }
        if !spans.0.is_empty() {
            fields.set("span", spans.0);
        }
        event.record(&mut fields);
        let Fields { message, named } = fields;
        let (level, target) = (severity(metadata.level()), metadata.target().to_owned());
        locked(&self.0.queue).push(LogEvent { at_ms, level, target, message, fields: named });
    }
}

/// The values of an event or a span, as text.
#[derive(Default)]
struct Fields {
    message: String,
    named: Vec<LogField>,
}

impl Fields {
    /// The value of an inner span, or of the event, stands for that of an outer one.
    fn set(&mut self, name: &str, value: String) {
        if let Some(field) = self.named.iter_mut().find(|field| field.name == name) {
            field.value = value;
        } else if self.named.len() < MAXIMUM_FIELDS {
            self.named.push(LogField { name: name.to_owned(), value });
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut text = Limited::default();
        // It fails where it is cut.
        let _ = write!(text, "{value:?}");
        if field.name() == "message" { self.message = text.0 } else { self.set(field.name(), text.0) }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }
}

/// A text of bounded length.
#[derive(Default)]
struct Limited(String);

impl Write for Limited {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = MAXIMUM_VALUE_BYTES - self.0.len();
        self.0.push_str(&text[..text.floor_char_boundary(room)]);
        if text.len() > room { Err(fmt::Error) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing::subscriber::with_default;
    use tracing::{debug, error, info, info_span, trace_span};

    fn filter(other: Verbosity, targets: &[(&str, Verbosity)]) -> Filter {
        let targets = targets.iter().map(|&(target, verbosity)| LogTarget { target: target.to_owned(), verbosity });
        Filter { other, targets: targets.collect() }
    }

    /// The events of some code under a filter.
    fn logged(of: Filter, run: impl FnOnce()) -> LogEvents {
        let log: &'static Log = Box::leak(Box::new(Log::new()));
        *locked(&log.filter) = of;
        with_default(Registry::default().with(QueueLayer(log)), run);
        locked(&log.queue).take()
    }

    fn event(text: &str) -> LogEvent {
        LogEvent { at_ms: 0.0, level: 3, target: "a".into(), message: text.into(), fields: Vec::new() }
    }

    #[test]
    fn the_longest_target_of_whole_parts_decides() {
        let filter = filter(3, &[("iroh", 0), ("iroh::socket", 2)]);
        for (target, verbosity) in
            [("iroh", 0), ("iroh::endpoint", 0), ("iroh::socket::a", 2), ("iroh_relay", 3), ("noq", 3)]
        {
            assert_eq!(filter.verbosity_for(target), verbosity, "{target}");
        }
        assert_eq!(filter.highest(), 3);
    }

    #[test]
    fn an_event_has_its_fields_and_those_of_its_spans() {
        let taken = logged(filter(0, &[("a", 3)]), || {
            let _outer = info_span!(target: "b", "endpoint", me = "x", id = 1).entered();
            let _inner = info_span!("conn", id = 2).entered();
            let _left_out = trace_span!("frame", no = true).entered();
            info!(target: "a::b", count = 3, text = "t", "it {}", "happens");
            debug!(target: "a", "too much");
            error!(target: "b", "elsewhere");
        });
        let [event] = &taken.events[..] else { panic!("{}", taken.events.len()) };
        assert_eq!((event.level, &*event.target, &*event.message), (3, "a::b", "it happens"));
        let fields: Vec<_> = event.fields.iter().map(|field| (&*field.name, &*field.value)).collect();
        assert_eq!(fields, [("me", "x"), ("id", "2"), ("span", "endpoint:conn"), ("count", "3"), ("text", "t")]);
    }

    #[test]
    fn what_a_full_queue_does_not_take_is_counted() {
        let mut queue = Queue { events: VecDeque::new(), bytes: 0, dropped: 0 };
        for _ in 0..MAXIMUM_EVENTS + 5 {
            queue.push(event("x"));
        }
        let taken = queue.take();
        assert_eq!((taken.events.len(), taken.dropped), (MAXIMUM_EVENTS, 5));
        // Large events fill it sooner.
        let large = "x".repeat(MAXIMUM_BYTES / 4);
        for _ in 0..5 {
            queue.push(event(&large));
        }
        queue.push(event("small"));
        let taken = queue.take();
        assert_eq!((taken.events.len(), taken.dropped), (3, 3));
        queue.push(event("next"));
        assert_eq!(queue.take().events.len(), 1);
    }

    #[test]
    fn a_value_and_the_number_of_fields_are_bounded() {
        let taken = logged(filter(3, &[]), || info!(long = "é".repeat(MAXIMUM_VALUE_BYTES), "message"));
        assert_eq!(taken.events[0].fields[0].value, "é".repeat(MAXIMUM_VALUE_BYTES / 2));
        let mut fields = Fields::default();
        (0..100).for_each(|number| fields.set(&number.to_string(), String::new()));
        assert_eq!(fields.named.len(), MAXIMUM_FIELDS);
    }
}
