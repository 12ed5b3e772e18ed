//! The certificate of the receivers, and the cryptography of both ends.

use std::sync::Arc;

use noq_proto::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use rustls::pki_types::PrivateKeyDer;

pub struct Identity {
    pub client: Arc<QuicClientConfig>,
    pub server: Arc<QuicServerConfig>,
}

impl Identity {
    pub const NAME: &str = "localhost";

    pub fn new() -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let own = rcgen::generate_simple_self_signed([Self::NAME.to_owned()]).expect("a certificate");
        let certificate = own.cert.der().clone();
        let key = PrivateKeyDer::Pkcs8(own.signing_key.serialize_der().into());
        let mut roots = rustls::RootCertStore::empty();
        roots.add(certificate.clone()).expect("a root");
        let version = &[&rustls::version::TLS13];
        let client = rustls::ClientConfig::builder_with_provider(provider.clone())
            .with_protocol_versions(version)
            .expect("TLS 1.3")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let server = rustls::ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(version)
            .expect("TLS 1.3")
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .expect("a key");
        Self { client: Arc::new(client.try_into().expect("AES")), server: Arc::new(server.try_into().expect("AES")) }
    }
}
