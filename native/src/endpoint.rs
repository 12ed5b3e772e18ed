//! Endpoints: built, reached, connected, closed.

use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use iroh::address_lookup::{DnsAddressLookup, PkarrResolver};
use iroh::endpoint::{
    AckFrequencyConfig, Builder, MtuDiscoveryConfig, PortmapperConfig, QuicTransportConfig, VarInt, presets, presets::Preset,
};
use napi::bindgen_prelude::{Env, PromiseRaw};
use napi_derive::napi;

use crate::address::{EndpointAddr, EndpointId, RelayMode};
use crate::congestion::Widest;
use crate::connection::{Connection, Incoming};
use crate::fault::fault;

/// Packets that the other side may receive before it acknowledges them, unless one is missing or time has passed:
/// an acknowledgement of every other packet, as is usual, costs both sides a part of their time.
const PACKETS_UNACKNOWLEDGED: u32 = 10;

/// The largest packet that is tried, without its headers: a jumbo frame's. What it costs to send or receive one
/// hardly depends on its size.
const PACKET_BYTES: u16 = 9000 - 48;

/// What a connection may make this side hold, whatever the other side does.
#[napi(object)]
pub struct TransportLimits {
    /// What one stream, and all streams of a connection, may have in flight towards us.
    pub stream_receive_window_bytes: u32,
    pub receive_window_bytes: u32,
    /// What is kept for all streams of a connection until the other side has it.
    pub send_window_bytes: u32,
    /// Streams that the other side may have open.
    pub streams: u32,
}

#[napi]
pub struct EndpointBuilder(Mutex<Option<Builder>>);

impl EndpointBuilder {
    fn change(&self, change: impl FnOnce(Builder) -> napi::Result<Builder>) -> napi::Result<()> {
        let mut slot = self.0.lock().map_err(fault)?;
        let builder = slot.take().ok_or_else(|| fault("the builder was used"))?;
        *slot = Some(change(builder)?);
        Ok(())
    }
}

#[napi]
impl EndpointBuilder {
    /// 32 bytes: the endpoint's identity.
    #[napi(catch_unwind)]
    pub fn secret_key(&self, bytes: &[u8]) -> napi::Result<()> {
        let bytes = <&[u8; 32]>::try_from(bytes).map_err(fault)?;
        self.change(|builder| Ok(builder.secret_key(iroh::SecretKey::from_bytes(bytes))))
    }

    /// The protocols that incoming connections may speak.
    #[napi(catch_unwind)]
    pub fn alpns(&self, alpns: Vec<&[u8]>) -> napi::Result<()> {
        self.change(|builder| Ok(builder.alpns(alpns.into_iter().map(<[u8]>::to_vec).collect())))
    }

    #[napi(catch_unwind)]
    pub fn relay_mode(&self, mode: &RelayMode) -> napi::Result<()> {
        self.change(|builder| Ok(builder.relay_mode(mode.0.clone())))
    }

    /// `ip:port`.
    #[napi(catch_unwind)]
    pub fn bind_addr(&self, address: String) -> napi::Result<()> {
        let socket = SocketAddr::from_str(&address).map_err(fault)?;
        self.change(|builder| builder.bind_addr(socket).map_err(fault))
    }

    /// Never searches the local network for a router that maps ports.
    #[napi(catch_unwind)]
    pub fn disable_portmapper(&self) -> napi::Result<()> {
        self.change(|builder| Ok(builder.portmapper_config(PortmapperConfig::Disabled)))
    }

    /// What a connection may hold. Nobody ever gets streams of one direction, or datagrams.
    #[napi(catch_unwind)]
    pub fn limit(&self, limits: TransportLimits) -> napi::Result<()> {
        let mut acknowledgements = AckFrequencyConfig::default();
        acknowledgements.ack_eliciting_threshold(VarInt::from_u32(PACKETS_UNACKNOWLEDGED));
        let mut packets = MtuDiscoveryConfig::default();
        packets.upper_bound(PACKET_BYTES);
        let transport = QuicTransportConfig::builder()
            .congestion_controller_factory(Arc::new(Widest::new()))
            .mtu_discovery_config(Some(packets))
            .ack_frequency_config(Some(acknowledgements))
            .stream_receive_window(VarInt::from_u32(limits.stream_receive_window_bytes))
            .receive_window(VarInt::from_u32(limits.receive_window_bytes))
            .send_window(u64::from(limits.send_window_bytes))
            .max_concurrent_bidi_streams(VarInt::from_u32(limits.streams))
            .max_concurrent_uni_streams(VarInt::from_u32(0))
            .datagram_receive_buffer_size(None)
            .build();
        self.change(|builder| Ok(builder.transport_config(transport)))
    }

    #[napi(catch_unwind)]
    pub fn bind<'env>(&self, env: &'env Env) -> napi::Result<PromiseRaw<'env, Endpoint>> {
        let builder = self.0.lock().map_err(fault)?.take();
        env.spawn_future(async move {
            let builder = builder.ok_or_else(|| fault("the builder was used"))?;
            Ok(Endpoint(builder.bind().await.map_err(fault)?))
        })
    }
}

/// Cryptography, and nothing that looks up or publishes.
#[napi(catch_unwind)]
pub fn preset_minimal(builder: &EndpointBuilder) -> napi::Result<()> {
    builder.change(|builder| Ok(presets::Minimal.apply(builder)))
}

/// With ids looked up, and the own one published, at n0.
#[napi(catch_unwind)]
pub fn preset_n0(builder: &EndpointBuilder) -> napi::Result<()> {
    builder.change(|builder| Ok(presets::N0.apply(builder)))
}

/// With ids looked up at n0, and nothing published. Not in the stock binding.
#[napi(catch_unwind)]
pub fn preset_resolver(builder: &EndpointBuilder) -> napi::Result<()> {
    builder.change(|builder| {
        Ok(presets::Minimal
            .apply(builder)
            .address_lookup(PkarrResolver::n0_dns())
            .address_lookup(DnsAddressLookup::n0_dns()))
    })
}

#[napi]
pub struct Endpoint(iroh::Endpoint);

#[napi]
impl Endpoint {
    #[napi(catch_unwind)]
    pub fn builder() -> EndpointBuilder {
        EndpointBuilder(Mutex::new(Some(Builder::empty())))
    }

    #[napi(catch_unwind)]
    pub fn id(&self) -> EndpointId {
        EndpointId(self.0.id())
    }

    #[napi(catch_unwind)]
    pub fn addr(&self) -> EndpointAddr {
        EndpointAddr(self.0.addr())
    }

    #[napi(catch_unwind)]
    pub fn bound_sockets(&self) -> Vec<String> {
        self.0.bound_sockets().iter().map(ToString::to_string).collect()
    }

    /// Resolves once a relay is connected.
    #[napi(catch_unwind)]
    pub fn online<'env>(&self, env: &'env Env) -> napi::Result<PromiseRaw<'env, ()>> {
        let endpoint = self.0.clone();
        env.spawn_future(async move {
            endpoint.online().await;
            Ok(())
        })
    }

    #[napi(catch_unwind)]
    pub fn connect<'env>(
        &self,
        env: &'env Env,
        address: &EndpointAddr,
        alpn: &[u8],
    ) -> napi::Result<PromiseRaw<'env, Connection>> {
        let (endpoint, address, alpn) = (self.0.clone(), address.0.clone(), Bytes::copy_from_slice(alpn));
        env.spawn_future(async move {
            Ok(Connection::new(endpoint.connect(address, &alpn).await.map_err(fault)?))
        })
    }

    /// The next incoming connection; null once the endpoint is closed.
    #[napi(catch_unwind)]
    pub fn accept_next<'env>(&self, env: &'env Env) -> napi::Result<PromiseRaw<'env, Option<Incoming>>> {
        let endpoint = self.0.clone();
        env.spawn_future(async move { Ok(endpoint.accept().await.map(Incoming::new)) })
    }

    #[napi(catch_unwind)]
    pub fn close<'env>(&self, env: &'env Env) -> napi::Result<PromiseRaw<'env, ()>> {
        let endpoint = self.0.clone();
        env.spawn_future(async move {
            endpoint.close().await;
            Ok(())
        })
    }
}
