//! Endpoints: built, reached, connected, closed.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use iroh::address_lookup::{PkarrPublisher, PkarrResolver};
use iroh::dns::{DnsResolver, FallbackMode};
use iroh::endpoint::{
    Builder, MtuDiscoveryConfig, NetReportConfig, PortmapperConfig, QuicTransportConfig, VarInt, presets,
    presets::Preset,
};
use iroh::tls::CaTlsConfig;
use napi::bindgen_prelude::{Env, PromiseRaw};
use napi::tokio::{net::TcpStream, time::timeout};
use napi_derive::napi;

use crate::address::{EndpointAddr, EndpointId, RelayMode};
use crate::congestion::LossTolerantCubicConfig;
use crate::connection::{Connection, Incoming};
use crate::fault::fault;
use crate::packet_size::largest_payload;
use crate::qlog::QlogFolder;

/// Limits of what a connection may make this process hold.
#[napi(object)]
pub struct TransportLimits {
    /// Receive windows of one stream and of all streams of a connection.
    pub stream_receive_window_bytes: u32,
    pub receive_window_bytes: u32,
    /// Bytes that are kept for all streams of a connection until they are acknowledged.
    pub send_window_bytes: u32,
    /// Streams that the peer may have open.
    pub streams: u32,
}

#[napi]
pub struct EndpointBuilder {
    builder: Mutex<Option<Builder>>,
    qlog_folder: Mutex<Option<String>>,
}

impl EndpointBuilder {
    fn change(&self, change: impl FnOnce(Builder) -> napi::Result<Builder>) -> napi::Result<()> {
        let mut slot = self.builder.lock().map_err(fault)?;
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

    /// The protocols of incoming connections.
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

    /// Disables the search for a router that maps ports.
    #[napi(catch_unwind)]
    pub fn disable_portmapper(&self) -> napi::Result<()> {
        self.change(|builder| Ok(builder.portmapper_config(PortmapperConfig::Disabled)))
    }

    /// Certificate authorities of relays and of the lookup service, in DER, besides the public ones that are compiled
    /// in.
    #[napi(catch_unwind)]
    pub fn trust(&self, certificates: Vec<&[u8]>) -> napi::Result<()> {
        let roots: Vec<_> = certificates.into_iter().map(|der| der.to_vec().into()).collect();
        self.change(|builder| Ok(builder.ca_tls_config(CaTlsConfig::embedded().with_extra_roots(roots))))
    }

    /// Makes each connection write a file in a folder (qlog.rs). Must be called before `limit`.
    #[napi(catch_unwind)]
    pub fn qlog(&self, folder: String) -> napi::Result<()> {
        *self.qlog_folder.lock().map_err(fault)? = Some(folder);
        Ok(())
    }

    /// Sets the limits of connections. Unidirectional streams and datagrams are disabled.
    #[napi(catch_unwind)]
    pub fn limit(&self, limits: TransportLimits) -> napi::Result<()> {
        let mut packets = MtuDiscoveryConfig::default();
        packets.upper_bound(largest_payload());
        let mut transport = QuicTransportConfig::builder()
            .congestion_controller_factory(Arc::new(LossTolerantCubicConfig::new()))
            .mtu_discovery_config(Some(packets))
            .stream_receive_window(VarInt::from_u32(limits.stream_receive_window_bytes))
            .receive_window(VarInt::from_u32(limits.receive_window_bytes))
            .send_window(u64::from(limits.send_window_bytes))
            .max_concurrent_bidi_streams(VarInt::from_u32(limits.streams))
            .max_concurrent_uni_streams(VarInt::from_u32(0))
            .datagram_receive_buffer_size(None);
        if let Some(folder) = self.qlog_folder.lock().map_err(fault)?.take() {
            transport = transport.qlog_factory(Arc::new(QlogFolder::new(folder)));
        }
        self.change(|builder| Ok(builder.transport_config(transport.build())))
    }

    #[napi(catch_unwind)]
    pub fn bind<'env>(&self, env: &'env Env) -> napi::Result<PromiseRaw<'env, Endpoint>> {
        let builder = self.builder.lock().map_err(fault)?.take();
        env.spawn_future(async move {
            let builder = builder.ok_or_else(|| fault("the builder was used"))?;
            Ok(Endpoint::new(builder.bind().await.map_err(fault)?))
        })
    }
}

/// Cryptography only, without lookup or publishing. Names are resolved by the system's nameservers; public ones are
/// used only if the system has none. Relays are not probed in clear text for captive portals.
#[napi(catch_unwind)]
pub fn preset_minimal(builder: &EndpointBuilder) -> napi::Result<()> {
    let resolver = DnsResolver::builder().with_system_defaults().with_fallback_mode(FallbackMode::IfSystemEmpty);
    let mut probes = NetReportConfig::default();
    probes.captive_portal_check = false;
    builder
        .change(|builder| Ok(presets::Minimal.apply(builder).dns_resolver(resolver.build()).net_report_config(probes)))
}

/// Publishes the endpoint's id at n0.
#[napi(catch_unwind)]
pub fn preset_publisher(builder: &EndpointBuilder) -> napi::Result<()> {
    preset_minimal(builder)?;
    builder.change(|builder| Ok(builder.address_lookup(PkarrPublisher::n0_dns())))
}

/// Looks ids up at n0, by HTTPS, so that no nameserver on the path sees them.
#[napi(catch_unwind)]
pub fn preset_resolver(builder: &EndpointBuilder) -> napi::Result<()> {
    preset_minimal(builder)?;
    builder.change(|builder| Ok(builder.address_lookup(PkarrResolver::n0_dns())))
}

#[napi]
pub struct Endpoint {
    id: iroh::EndpointId,
    /// None once it is closed: an endpoint keeps its sockets until it is dropped, and JavaScript may keep this object
    /// for long.
    open: Arc<Mutex<Option<iroh::Endpoint>>>,
}

impl Endpoint {
    fn new(endpoint: iroh::Endpoint) -> Self {
        Self { id: endpoint.id(), open: Arc::new(Mutex::new(Some(endpoint))) }
    }

    fn open(&self) -> napi::Result<iroh::Endpoint> {
        self.open.lock().map_err(fault)?.clone().ok_or_else(|| fault("the endpoint is closed"))
    }
}

#[napi]
impl Endpoint {
    #[napi(catch_unwind)]
    pub fn builder() -> EndpointBuilder {
        EndpointBuilder { builder: Mutex::new(Some(Builder::empty())), qlog_folder: Mutex::default() }
    }

    #[napi(catch_unwind)]
    pub fn id(&self) -> EndpointId {
        EndpointId(self.id)
    }

    /// Throws if it is closed.
    #[napi(catch_unwind)]
    pub fn addr(&self) -> napi::Result<EndpointAddr> {
        Ok(EndpointAddr(self.open()?.addr()))
    }

    /// None once it is closed.
    #[napi(catch_unwind)]
    pub fn bound_sockets(&self) -> Vec<String> {
        let Ok(endpoint) = self.open() else { return Vec::new() };
        endpoint.bound_sockets().iter().map(ToString::to_string).collect()
    }

    /// Whether a host is reachable within `timeout_ms`: its name resolves or, where `host` is an IP address, `port`
    /// accepts a TCP connection.
    #[napi(catch_unwind)]
    pub fn host_answers<'env>(
        &self,
        env: &'env Env,
        host: String,
        port: u16,
        timeout_ms: u32,
    ) -> napi::Result<PromiseRaw<'env, bool>> {
        let resolver = self.open()?.dns_resolver().map_err(fault)?.clone();
        let limit = Duration::from_millis(u64::from(timeout_ms));
        env.spawn_future(async move {
            Ok(match IpAddr::from_str(&host) {
                Ok(address) => matches!(timeout(limit, TcpStream::connect((address, port))).await, Ok(Ok(_))),
                Err(_) => matches!(timeout(limit, resolver.lookup_ipv4_ipv6(&host, limit)).await, Ok(Ok(_))),
            })
        })
    }

    /// Resolves once a relay is connected. Rejects when the endpoint is closed before.
    #[napi(catch_unwind)]
    pub fn online<'env>(&self, env: &'env Env) -> napi::Result<PromiseRaw<'env, ()>> {
        let endpoint = self.open()?;
        // Without this a relay that is never reached would keep the endpoint alive.
        env.spawn_future(async move {
            let online = endpoint.closed().run_until(async move { endpoint.online().await });
            online.await.ok_or_else(|| fault("the endpoint is closed"))
        })
    }

    #[napi(catch_unwind)]
    pub fn connect<'env>(
        &self,
        env: &'env Env,
        address: &EndpointAddr,
        alpn: &[u8],
    ) -> napi::Result<PromiseRaw<'env, Connection>> {
        let (endpoint, address, alpn) = (self.open(), address.0.clone(), Bytes::copy_from_slice(alpn));
        env.spawn_future(async move { Ok(Connection::new(endpoint?.connect(address, &alpn).await.map_err(fault)?)) })
    }

    /// The next incoming connection; null once the endpoint is closed.
    #[napi(catch_unwind)]
    pub fn accept_next<'env>(&self, env: &'env Env) -> napi::Result<PromiseRaw<'env, Option<Incoming>>> {
        let endpoint = self.open();
        env.spawn_future(async move {
            let Ok(endpoint) = endpoint else { return Ok(None) };
            Ok(endpoint.accept().await.map(Incoming::new))
        })
    }

    /// Closes it with its connections and sockets.
    #[napi(catch_unwind)]
    pub fn close<'env>(&self, env: &'env Env) -> napi::Result<PromiseRaw<'env, ()>> {
        let (endpoint, open) = (self.open(), self.open.clone());
        env.spawn_future(async move {
            if let Ok(endpoint) = endpoint {
                endpoint.close().await;
            }
            *open.lock().map_err(fault)? = None;
            Ok(())
        })
    }
}
