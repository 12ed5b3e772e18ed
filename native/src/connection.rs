//! Connections, from their handshake to their end.

use std::sync::{Arc, Mutex, PoisonError};

use iroh::endpoint;
use napi::bindgen_prelude::{BigInt, Env, PromiseRaw, Uint8Array};
use napi_derive::napi;

use crate::address::{EndpointId, text_of};
use crate::backlog::{Backlog, BacklogSnapshot};
use crate::fault::{Fault, code, fault, promised};
use crate::receive_stream::RecvStream;
use crate::send_stream::SendStream;

/// An incoming connection before its handshake.
#[napi]
pub struct Incoming(Mutex<Option<endpoint::Incoming>>);

impl Incoming {
    pub fn new(incoming: endpoint::Incoming) -> Self {
        Self(Mutex::new(Some(incoming)))
    }

    fn take(&self) -> napi::Result<endpoint::Incoming> {
        self.0.lock().map_err(fault)?.take().ok_or_else(|| fault("already answered"))
    }
}

#[napi]
impl Incoming {
    #[napi(catch_unwind)]
    pub fn accept<'env>(&self, env: &'env Env) -> napi::Result<PromiseRaw<'env, Accepting>> {
        let incoming = self.take();
        env.spawn_future(async move {
            let accepting = incoming?.accept().map_err(fault)?;
            Ok(Accepting(Mutex::new(Some(accepting))))
        })
    }

    /// Whether the peer has proved that it receives packets at its address.
    #[napi(catch_unwind)]
    pub fn is_validated(&self) -> napi::Result<bool> {
        Ok(self.0.lock().map_err(fault)?.as_ref().is_some_and(endpoint::Incoming::remote_addr_validated))
    }

    /// Requests that proof by a retry packet, and keeps no state of the handshake.
    #[napi(catch_unwind)]
    pub fn retry<'env>(&self, env: &'env Env) -> napi::Result<PromiseRaw<'env, ()>> {
        let incoming = self.take();
        env.spawn_future(async move { incoming?.retry().map_err(fault) })
    }

    #[napi(catch_unwind)]
    pub fn refuse<'env>(&self, env: &'env Env) -> napi::Result<PromiseRaw<'env, ()>> {
        let incoming = self.take();
        env.spawn_future(async move {
            incoming?.refuse();
            Ok(())
        })
    }
}

/// A handshake in progress.
#[napi]
pub struct Accepting(Mutex<Option<endpoint::Accepting>>);

#[napi]
impl Accepting {
    /// Completes the handshake. Must be called once.
    #[napi(catch_unwind)]
    pub fn connect<'env>(&self, env: &'env Env) -> napi::Result<PromiseRaw<'env, Connection>> {
        let accepting = self.0.lock().map_err(fault)?.take();
        env.spawn_future(async move {
            let accepting = accepting.ok_or_else(|| fault("already accepted"))?;
            Ok(Connection::new(accepting.await.map_err(fault)?))
        })
    }
}

/// A network path of a connection.
#[napi(object)]
pub struct PathSnapshot {
    pub is_selected: bool,
    pub is_relay: bool,
    pub remote_addr: String,
    pub rtt_ms: f64,
}

#[napi]
pub struct BiStream {
    send: Mutex<Option<SendStream>>,
    recv: Mutex<Option<RecvStream>>,
}

impl BiStream {
    fn new((send, recv): (endpoint::SendStream, endpoint::RecvStream), backlog: Arc<Backlog>) -> Self {
        Self { send: Mutex::new(Some(SendStream::new(send, backlog))), recv: Mutex::new(Some(RecvStream::new(recv))) }
    }
}

#[napi]
impl BiStream {
    /// The sending half, once.
    #[napi(getter, catch_unwind)]
    pub fn send(&self) -> napi::Result<SendStream> {
        self.send.lock().map_err(fault)?.take().ok_or_else(|| fault("already taken"))
    }

    /// The receiving half, once.
    #[napi(getter, catch_unwind)]
    pub fn recv(&self) -> napi::Result<RecvStream> {
        self.recv.lock().map_err(fault)?.take().ok_or_else(|| fault("already taken"))
    }
}

#[napi]
pub struct Connection {
    remote: iroh::EndpointId,
    backlog: Arc<Backlog>,
    link: Arc<Mutex<Link>>,
}

/// A connection keeps the memory of its streams, also when it is closed, and JavaScript may keep this object for long.
enum Link {
    Open(endpoint::Connection),
    /// With the reason.
    Closed(Fault),
}

impl Connection {
    pub fn new(connection: endpoint::Connection) -> Self {
        let remote = connection.remote_id();
        Self { remote, backlog: Arc::default(), link: Arc::new(Mutex::new(Link::Open(connection))) }
    }

    fn open(&self) -> Result<endpoint::Connection, Fault> {
        match &*self.link.lock().unwrap_or_else(PoisonError::into_inner) {
            Link::Open(connection) => Ok(connection.clone()),
            Link::Closed(reason) => Err(reason.clone()),
        }
    }
}

#[napi]
impl Connection {
    /// Throws if it is closed.
    #[napi(catch_unwind)]
    pub fn alpn(&self, env: &Env) -> napi::Result<Uint8Array> {
        let connection = self.open().map_err(|closed| closed.thrown(env))?;
        Ok(connection.alpn().to_vec().into())
    }

    #[napi(catch_unwind)]
    pub fn remote_id(&self) -> EndpointId {
        EndpointId(self.remote)
    }

    #[napi(catch_unwind)]
    pub fn open_bi<'env>(&self, env: &'env Env) -> napi::Result<PromiseRaw<'env, BiStream>> {
        let (connection, backlog) = (self.open(), self.backlog.clone());
        promised(env, async move { Ok(BiStream::new(connection?.open_bi().await?, backlog)) })
    }

    /// Rejects once the connection is closed.
    #[napi(catch_unwind)]
    pub fn accept_bi<'env>(&self, env: &'env Env) -> napi::Result<PromiseRaw<'env, BiStream>> {
        let (connection, backlog) = (self.open(), self.backlog.clone());
        promised(env, async move { Ok(BiStream::new(connection?.accept_bi().await?, backlog)) })
    }

    /// None once it is closed.
    #[napi(catch_unwind)]
    pub fn paths(&self) -> Vec<PathSnapshot> {
        let Ok(connection) = self.open() else { return Vec::new() };
        connection
            .paths()
            .iter()
            .map(|path| PathSnapshot {
                is_selected: path.is_selected(),
                is_relay: path.is_relay(),
                remote_addr: text_of(path.remote_addr()),
                rtt_ms: path.rtt().as_secs_f64() * 1000.0,
            })
            .collect()
    }

    /// The bytes that its streams keep of written data. Not in the stock binding.
    #[napi(catch_unwind)]
    pub fn backlog(&self) -> BacklogSnapshot {
        self.backlog.snapshot()
    }

    #[napi(catch_unwind)]
    pub fn close(&self, application_code: BigInt, reason: &[u8]) -> napi::Result<()> {
        let code = code(&application_code)?;
        if let Ok(connection) = self.open() {
            connection.close(code, reason);
        }
        Ok(())
    }

    /// Resolves with the reason when the connection is closed.
    #[napi(catch_unwind)]
    pub fn closed<'env>(&self, env: &'env Env) -> napi::Result<PromiseRaw<'env, String>> {
        let (connection, link) = (self.open(), self.link.clone());
        promised(env, async move {
            let connection = match connection {
                Ok(connection) => connection,
                Err(closed) => return Ok(closed.text().to_owned()),
            };
            let reason = connection.closed().await;
            let said = reason.to_string();
            *link.lock().unwrap_or_else(PoisonError::into_inner) = Link::Closed(reason.into());
            Ok(said)
        })
    }
}
