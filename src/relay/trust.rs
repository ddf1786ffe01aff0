//! Certificates and key for a handshake of our own, read as the driver reads them.

use std::path::Path;
use std::sync::Arc;

use mongodb::options::TlsOptions;
use pkcs8::EncryptedPrivateKeyInfo;
use pkcs8::der::asn1::OctetString;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ClientConfig, RootCertStore};
use webpki_roots::TLS_SERVER_ROOTS;

use super::verifier::{Names, Verifier};
use crate::error::Error;

/// The configuration of a handshake with `options`, and its verifier.
///
/// # Errors
/// When a file is not usable.
pub fn config(options: &TlsOptions, names: Names) -> Result<(Arc<ClientConfig>, Arc<Verifier>), Error> {
    let provider = Arc::new(ring::default_provider());
    let (roots, given) = roots(options.ca_file_path.as_deref())?;
    let verifier = Arc::new(Verifier::new(roots, given, names, provider.signature_verification_algorithms));
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&verifier) as _);
    let config = match &options.cert_key_file_path {
        Some(path) => {
            let password = options.tls_certificate_key_file_password.as_deref();
            builder.with_client_auth_cert(certificates(path)?, key(path, password)?).map_err(unusable)?
        }
        None => builder.with_no_client_auth(),
    };
    Ok((Arc::new(config), verifier))
}

fn unusable(error: impl std::fmt::Display) -> Error {
    Error::invalid(error.to_string())
}

fn unusable_file(what: &str, path: &Path, error: impl std::fmt::Display) -> Error {
    Error::invalid(format!("no usable {what} in {}: {error}", path.display()))
}

/// The authorities to trust, and the certificates that the application named as such.
fn roots(path: Option<&Path>) -> Result<(RootCertStore, Vec<CertificateDer<'static>>), Error> {
    let mut roots = RootCertStore::empty();
    let Some(path) = path else {
        roots.extend(TLS_SERVER_ROOTS.iter().cloned());
        return Ok((roots, Vec::new()));
    };
    let found = CertificateDer::pem_file_iter(path)
        .map_err(|error| unusable_file("certificate", path, error))?
        // Like the driver: what is no certificate is skipped.
        .flatten();
    let given: Vec<_> = found.collect();
    roots.add_parsable_certificates(given.iter().cloned());
    Ok((roots, given))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| unusable_file("certificate", path, error))
}

fn key(path: &Path, password: Option<&[u8]>) -> Result<PrivateKeyDer<'static>, Error> {
    let failed = |error: &dyn std::fmt::Display| unusable_file("private key", path, error);
    let Some(password) = password else {
        return PrivateKeyDer::from_pem_file(path).map_err(|error| failed(&error));
    };
    let text = std::fs::read(path).map_err(|error| failed(&error))?;
    let sections = pem::parse_many(text).map_err(|error| failed(&error))?;
    let encrypted = sections
        .iter()
        .find(|section| section.tag() == "ENCRYPTED PRIVATE KEY")
        .ok_or_else(|| failed(&"none is encrypted, but there is a password"))?;
    let key = EncryptedPrivateKeyInfo::<OctetString>::try_from(encrypted.contents())
        .map_err(|error| failed(&error))?
        .decrypt(password)
        .map_err(|error| failed(&error))?;
    Ok(PrivatePkcs8KeyDer::from(key.as_bytes().to_vec()).into())
}
