//! Which servers to trust, by the Node driver's rules.
//!
//! These are stricter nowhere and laxer in three places than the TLS library's own:
//! - a self-signed certificate that is the very one the application named as trusted is accepted from
//!   a server, though it calls itself an authority (`openssl req -x509` makes such);
//! - a certificate without DNS names in its `subjectAltName` may name the host in its subject;
//! - with `tlsAllowInvalidHostnames` the name does not matter.
//!
//! The chain, the dates and the signatures are checked always.

use std::sync::atomic::{AtomicBool, Ordering};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use webpki::EndEntityCert;

use super::common_name;

/// Whether a certificate must be for the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// It must.
    Checked,
    /// `tlsAllowInvalidHostnames`.
    Ignored,
}

/// Checks servers' certificates.
#[derive(Debug)]
pub struct Verifier {
    roots: RootCertStore,
    given: Vec<CertificateDer<'static>>,
    names: Names,
    algorithms: WebPkiSupportedAlgorithms,
    lenient: AtomicBool,
}

impl Verifier {
    /// Trusts `roots`, made of the certificates `given`.
    pub fn new(
        roots: RootCertStore,
        given: Vec<CertificateDer<'static>>,
        names: Names,
        algorithms: WebPkiSupportedAlgorithms,
    ) -> Self {
        Self { roots, given, names, algorithms, lenient: AtomicBool::new(false) }
    }

    /// Whether it accepted a certificate that the TLS library would not have.
    pub fn was_lenient(&self) -> bool {
        self.lenient.load(Ordering::Relaxed)
    }

    fn check_chain(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), Error> {
        let parsed = ParsedCertificate::try_from(certificate)?;
        let algorithms = self.algorithms.all;
        match verify_server_cert_signed_by_trust_anchor(&parsed, &self.roots, intermediates, now, algorithms)
        {
            // The library checks the dates before it looks for this.
            Err(error) if is_authority(&error) && self.given.contains(certificate) => {
                self.lenient.store(true, Ordering::Relaxed);
                Ok(())
            }
            result => result,
        }
    }

    fn check_name(&self, certificate: &CertificateDer<'_>, name: &ServerName<'_>) -> Result<(), Error> {
        let parsed = ParsedCertificate::try_from(certificate)?;
        let result = verify_server_name(&parsed, name);
        if result.is_ok() {
            return result;
        }
        let accepted = self.names == Names::Ignored || is_in_subject(certificate, name);
        if accepted {
            self.lenient.store(true, Ordering::Relaxed);
            return Ok(());
        }
        result
    }
}

fn is_authority(error: &Error) -> bool {
    let Error::InvalidCertificate(CertificateError::Other(other)) = error else { return false };
    matches!(other.0.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity))
}

/// Addresses are never looked for in the subject, as in Node.
fn is_in_subject(certificate: &CertificateDer<'_>, name: &ServerName<'_>) -> bool {
    let (Ok(parsed), ServerName::DnsName(host)) = (EndEntityCert::try_from(certificate), name) else {
        return false;
    };
    parsed.valid_dns_names().next().is_none() && common_name::names(parsed.subject(), host.as_ref())
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.check_chain(end_entity, intermediates, now)?;
        self.check_name(end_entity, server_name)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
