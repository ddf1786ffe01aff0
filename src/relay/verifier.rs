//! Which servers to trust, by the Node driver's rules.
//!
//! These are stricter nowhere and laxer in four places than the TLS library's own:
//! - a self-signed certificate that is the very one the application named as trusted is accepted from
//!   a server, though it calls itself an authority (`openssl req -x509` makes such);
//! - a certificate without DNS names in its `subjectAltName` may name the host in its subject;
//! - with `tlsAllowInvalidHostnames` the name does not matter;
//! - with `allowPartialTrustChain` a server's certificate that was named as trusted needs no authority.
//!
//! The chain, the dates and the signatures are checked always, and revocations where there are lists of
//! them; with `tlsAllowInvalidCertificates` nothing is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use webpki::EndEntityCert;

use super::common_name;
use crate::error::Error as OurError;

/// Whether a certificate must be for the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// It must.
    Checked,
    /// `tlsAllowInvalidHostnames`.
    Ignored,
}

/// What is asked of a server's certificate.
#[derive(Clone, Copy, Debug)]
pub struct Checks {
    /// Whether it must be for the host.
    pub names: Names,
    /// `tlsAllowInvalidCertificates`: any certificate will do.
    pub nothing: bool,
    /// `allowPartialTrustChain`: a certificate that was named as trusted is, whoever signed it.
    pub leaves_are_anchors: bool,
}

/// Checks servers' certificates.
#[derive(Debug)]
pub struct Verifier {
    /// The TLS library's own checks; none where there is no authority to trust.
    strict: Option<Arc<WebPkiServerVerifier>>,
    given: Vec<CertificateDer<'static>>,
    checks: Checks,
    algorithms: WebPkiSupportedAlgorithms,
    lenient: AtomicBool,
}

impl Verifier {
    /// Trusts `roots`, made of the certificates `given`, but for what `revocations` list.
    ///
    /// # Errors
    /// When a list of revocations cannot be read.
    pub fn new(
        roots: RootCertStore,
        given: Vec<CertificateDer<'static>>,
        revocations: Vec<CertificateRevocationListDer<'static>>,
        checks: Checks,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Self, OurError> {
        let strict = if roots.is_empty() {
            None
        } else {
            let builder = WebPkiServerVerifier::builder_with_provider(roots.into(), Arc::clone(provider));
            // As in Node: with a list, each certificate of a chain needs one, and no list may be out of date.
            let builder = builder.with_crls(revocations).enforce_revocation_expiration();
            let unusable = |error| OurError::invalid(format!("no usable revocation list: {error}"));
            Some(builder.build().map_err(unusable)?)
        };
        let algorithms = provider.signature_verification_algorithms;
        Ok(Self { strict, given, checks, algorithms, lenient: AtomicBool::new(false) })
    }

    /// Whether it accepted a certificate that the TLS library would not have.
    pub fn was_lenient(&self) -> bool {
        self.lenient.load(Ordering::Relaxed)
    }

    fn check(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), Error> {
        let nobody = Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let Some(strict) = &self.strict else { return Err(nobody) };
        let Err(error) = strict.verify_server_cert(certificate, intermediates, name, &[], now) else {
            return Ok(());
        };
        match Objection::of(&error) {
            // The library checks the chain before the name.
            Objection::Name if self.checks.names == Names::Ignored || is_in_subject(certificate, name) => {}
            // It checks the dates before it looks for these two.
            Objection::Authority if self.given.contains(certificate) => self.check_name(certificate, name)?,
            Objection::Issuer if self.checks.leaves_are_anchors && self.given.contains(certificate) => {
                self.check_name(certificate, name)?;
            }
            Objection::Name | Objection::Authority | Objection::Issuer | Objection::Other => {
                return Err(error);
            }
        }
        self.lenient.store(true, Ordering::Relaxed);
        Ok(())
    }

    fn check_name(&self, certificate: &CertificateDer<'_>, name: &ServerName<'_>) -> Result<(), Error> {
        let result = verify_server_name(&ParsedCertificate::try_from(certificate)?, name);
        let lenient = self.checks.names == Names::Ignored || is_in_subject(certificate, name);
        if lenient { Ok(()) } else { result }
    }
}

/// What the TLS library has against a certificate.
enum Objection {
    /// It is for another host, and all else is in order.
    Name,
    /// A server shows it that calls itself an authority.
    Authority,
    /// Nobody who is trusted signed it.
    Issuer,
    Other,
}

impl Objection {
    fn of(error: &Error) -> Self {
        match error {
            Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            ) => Self::Name,
            Error::InvalidCertificate(CertificateError::UnknownIssuer) => Self::Issuer,
            error if is_authority(error) => Self::Authority,
            _ => Self::Other,
        }
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
        if !self.checks.nothing {
            self.check(end_entity, intermediates, server_name, now)?;
        }
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
