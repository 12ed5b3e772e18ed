//! Identities and addresses of endpoints: ids, socket addresses, relays.

use std::net::SocketAddr;
use std::str::FromStr;

use iroh::{RelayUrl, TransportAddr};
use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;

use crate::fault::fault;

#[napi]
pub struct EndpointId(pub(crate) iroh::EndpointId);

#[napi]
impl EndpointId {
    /// From 32 bytes. Throws if they are no key.
    #[napi(factory, catch_unwind)]
    pub fn from_bytes(bytes: &[u8]) -> napi::Result<Self> {
        let bytes = <&[u8; 32]>::try_from(bytes).map_err(fault)?;
        Ok(Self(iroh::EndpointId::from_bytes(bytes).map_err(fault)?))
    }

    #[napi(catch_unwind)]
    pub fn to_bytes(&self) -> Uint8Array {
        self.0.as_bytes().to_vec().into()
    }
}

#[napi]
pub struct EndpointAddr(pub(crate) iroh::EndpointAddr);

#[napi]
impl EndpointAddr {
    /// Throws if an address or the URL is invalid.
    #[napi(constructor, catch_unwind)]
    pub fn new(
        id: &EndpointId,
        relay_url: Option<String>,
        direct_addresses: Option<Vec<String>>,
    ) -> napi::Result<Self> {
        let mut address = iroh::EndpointAddr::new(id.0);
        if let Some(url) = relay_url {
            address = address.with_relay_url(RelayUrl::from_str(&url).map_err(fault)?);
        }
        for socket in direct_addresses.unwrap_or_default() {
            address = address.with_ip_addr(SocketAddr::from_str(&socket).map_err(fault)?);
        }
        Ok(Self(address))
    }

    #[napi(catch_unwind)]
    pub fn relay_url(&self) -> Option<String> {
        self.0.relay_urls().next().map(ToString::to_string)
    }

    #[napi(catch_unwind)]
    pub fn direct_addresses(&self) -> Vec<String> {
        self.0.ip_addrs().map(ToString::to_string).collect()
    }
}

#[napi]
pub struct RelayMode(pub(crate) iroh::RelayMode);

#[napi]
impl RelayMode {
    /// The public relays of n0.
    #[napi(factory, catch_unwind)]
    pub fn default_mode() -> Self {
        Self(iroh::RelayMode::Default)
    }

    #[napi(factory, catch_unwind)]
    pub fn disabled() -> Self {
        Self(iroh::RelayMode::Disabled)
    }

    #[napi(factory, catch_unwind)]
    pub fn custom_from_urls(urls: Vec<String>) -> napi::Result<Self> {
        let urls: Result<Vec<RelayUrl>, _> = urls.iter().map(|url| RelayUrl::from_str(url)).collect();
        Ok(Self(iroh::RelayMode::custom(urls.map_err(fault)?)))
    }
}

/// An address as text: `ip:port`, or a relay's URL.
pub fn text_of(address: &TransportAddr) -> String {
    match address {
        TransportAddr::Ip(socket) => socket.to_string(),
        TransportAddr::Relay(url) => url.to_string(),
        other => other.to_string(),
    }
}
