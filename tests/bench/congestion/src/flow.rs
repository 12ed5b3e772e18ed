//! One end of a bulk transfer over noq, whose sender has data until the last byte. Streams with windows of pli's size
//! carry it, so many that flow control does not limit it and the congestion controller alone does.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Instant;

use bytes::{Bytes, BytesMut};
use noq_proto::congestion::ControllerFactory;
use noq_proto::{
    ClientConfig, Connection, ConnectionHandle, DatagramEvent, Dir, Endpoint, EndpointConfig, Event, FourTuple,
    MtuDiscoveryConfig, ServerConfig, StreamEvent, StreamId, TransportConfig, VarInt,
};

use crate::identity::Identity;
use crate::random::Random;

pub type Factory = Arc<dyn ControllerFactory + Send + Sync>;

/// Ethernet's, without the headers of IPv4 and UDP.
const PAYLOAD_BYTES: u16 = 1_472;
/// More pieces of a stream than fit between losses in this window, and noq closes the connection.
const STREAM_WINDOW_BYTES: u32 = 2 * 1024 * 1024;
const STREAMS: u32 = 32;
const WINDOW_BYTES: u32 = STREAMS * STREAM_WINDOW_BYTES;
/// Datagrams that the sender hands to the system in one call.
const BATCH: NonZeroUsize = NonZeroUsize::new(10).unwrap();
static PIECE: [u8; 64 * 1024] = [7; 64 * 1024];

pub struct End {
    endpoint: Endpoint,
    connection: Option<(ConnectionHandle, Connection)>,
    /// The address of the other end.
    remote: SocketAddr,
    /// Those of the sender.
    streams: Vec<StreamId>,
    is_writable: bool,
    /// Bytes that are still to be written.
    unsent: u64,
    /// Bytes that were read.
    pub received: u64,
    /// When the connection has its next timer.
    pub wake: Option<Instant>,
}

impl End {
    pub fn sender(identity: &Identity, factory: Factory, bytes: u64, now: Instant, random: &mut Random) -> Self {
        let mut end = Self::new(None, 2, random);
        let mut config = ClientConfig::new(identity.client.clone());
        config.transport_config(transport(factory));
        let connection = end.endpoint.connect(now, config, end.remote, Identity::NAME).expect("a connection");
        Self { connection: Some(connection), unsent: bytes, ..end }
    }

    pub fn receiver(identity: &Identity, factory: Factory, random: &mut Random) -> Self {
        let mut config = ServerConfig::with_crypto(identity.server.clone());
        config.transport_config(transport(factory));
        Self::new(Some(config), 1, random)
    }

    fn new(server: Option<ServerConfig>, remote: u8, random: &mut Random) -> Self {
        let mut config = EndpointConfig::default();
        config.rng_seed(Some(random.seed()));
        Self {
            endpoint: Endpoint::new(Arc::new(config), server.map(Arc::new), true),
            connection: None,
            remote: SocketAddr::from(([10, 0, 0, remote], 1)),
            streams: Vec::new(),
            is_writable: false,
            unsent: 0,
            received: 0,
            wake: None,
        }
    }

    pub fn on_packet(&mut self, now: Instant, packet: BytesMut) {
        let mut response = Vec::new();
        let path = FourTuple::from_remote(self.remote);
        match self.endpoint.handle(now, path, None, packet, &mut response) {
            Some(DatagramEvent::NewConnection(incoming)) => {
                let accepted = self.endpoint.accept(incoming, now, &mut response, None);
                self.connection = Some(accepted.expect("an accepted connection"));
            }
            Some(DatagramEvent::ConnectionEvent(_, event)) => {
                if let Some((_, connection)) = &mut self.connection {
                    connection.handle_event(event);
                }
            }
            Some(DatagramEvent::Response(_)) | None => {}
        }
    }

    pub fn on_timer(&mut self, now: Instant) {
        if let Some((_, connection)) = &mut self.connection {
            connection.handle_timeout(now);
        }
    }

    /// Reads, writes, and calls `send` for each packet that may be sent now.
    pub fn drive(&mut self, now: Instant, mut send: impl FnMut(&[u8])) {
        let Some((handle, connection)) = &mut self.connection else { return };
        while let Some(event) = connection.poll() {
            match event {
                Event::ConnectionLost { reason } => panic!("a connection is lost: {reason}"),
                Event::Connected | Event::Stream(StreamEvent::Writable { .. }) => self.is_writable = self.unsent > 0,
                Event::Stream(StreamEvent::Readable { id }) => self.received += read(connection, id),
                Event::Stream(StreamEvent::Opened { dir }) => {
                    while let Some(id) = connection.streams().accept(dir) {
                        self.received += read(connection, id);
                    }
                }
                _ => {}
            }
        }
        if self.is_writable {
            write(connection, &mut self.streams, &mut self.unsent);
            self.is_writable = false;
        }
        let mut buffer = Vec::new();
        loop {
            while let Some(event) = connection.poll_endpoint_events() {
                if let Some(event) = self.endpoint.handle_event(*handle, event) {
                    connection.handle_event(event);
                }
            }
            let Some(transmit) = connection.poll_transmit(now, BATCH, &mut buffer) else { break };
            let size = transmit.segment_size.unwrap_or(transmit.size);
            buffer[..transmit.size].chunks(size).for_each(&mut send);
            buffer.clear();
        }
        self.wake = connection.poll_timeout();
    }
}

fn transport(factory: Factory) -> Arc<TransportConfig> {
    let mut sizes = MtuDiscoveryConfig::default();
    sizes.upper_bound(PAYLOAD_BYTES);
    let mut transport = TransportConfig::default();
    transport
        .congestion_controller_factory(factory)
        .mtu_discovery_config(Some(sizes))
        .stream_receive_window(VarInt::from_u32(STREAM_WINDOW_BYTES))
        .receive_window(VarInt::from_u32(WINDOW_BYTES))
        .send_window(WINDOW_BYTES.into());
    Arc::new(transport)
}

/// Writes to the streams in turns, until every stream is blocked.
fn write(connection: &mut Connection, streams: &mut Vec<StreamId>, unsent: &mut u64) {
    while streams.len() < STREAMS as usize {
        streams.push(connection.streams().open(Dir::Uni).expect("a stream"));
    }
    let mut blocked = 0;
    while *unsent > 0 && blocked < streams.len() {
        let piece = Bytes::from_static(&PIECE[..PIECE.len().min(*unsent as usize)]);
        match connection.send_stream(streams[0]).write_chunks(&mut &mut [piece][..]) {
            Ok(written) => {
                *unsent -= written as u64;
                blocked = 0;
            }
            Err(_) => blocked += 1,
        }
        streams.rotate_left(1);
    }
}

fn read(connection: &mut Connection, stream: StreamId) -> u64 {
    let mut stream = connection.recv_stream(stream);
    let Ok(mut chunks) = stream.read(true) else { return 0 };
    let mut bytes = 0;
    while let Ok(Some(chunk)) = chunks.next(usize::MAX) {
        bytes += chunk.bytes.len() as u64;
    }
    let _ = chunks.finalize();
    bytes
}
