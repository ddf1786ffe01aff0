//! TLS settings into the driver's form.
//!
//! The driver reads certificates from files only; material that an application holds in memory is
//! written to a private temporary file for as long as the client lives.

use std::io::Write;
use std::path::PathBuf;

use mongodb::options::TlsOptions;
use tempfile::NamedTempFile;

use crate::error::Error;
use crate::settings::Tls;

/// The driver's TLS options and the files they point to.
#[derive(Debug)]
pub struct Prepared {
    /// For the driver.
    pub options: TlsOptions,
    /// Removed when dropped; must outlive the client.
    pub files: Vec<NamedTempFile>,
}

/// Turns `tls` into the driver's options.
///
/// # Errors
/// When a setting has no counterpart in this driver or a temporary file cannot be written.
pub fn prepare(tls: &Tls) -> Result<Prepared, Error> {
    let mut files = Vec::new();
    let mut options = TlsOptions::default();
    options.allow_invalid_certificates = tls.allow_invalid_certificates;
    if tls.crl_file.is_some() {
        return Err(Error::invalid("tlsCRLFile is not supported"));
    }
    options.ca_file_path = match (&tls.ca, &tls.ca_file) {
        (Some(pem), _) => Some(keep(&mut files, "ca", &[pem])?),
        (None, Some(path)) => Some(PathBuf::from(path)),
        (None, None) => None,
    };
    options.cert_key_file_path = match (&tls.cert, &tls.key, &tls.certificate_key_file) {
        (Some(cert), Some(key), _) => Some(keep(&mut files, "cert", &[cert, key.expose()])?),
        (None, None, Some(path)) => Some(PathBuf::from(path)),
        (None, None, None) => None,
        (cert, ..) => {
            let (given, missing) = if cert.is_some() { ("cert", "key") } else { ("key", "cert") };
            return Err(Error::invalid(format!("{given} needs {missing} with it")));
        }
    };
    if tls.ca.is_none() {
        check_readable("tlsCAFile", tls.ca_file.as_deref())?;
    }
    if tls.cert.is_none() {
        check_readable("tlsCertificateKeyFile", tls.certificate_key_file.as_deref())?;
        check_has_key(tls)?;
    }
    options.tls_certificate_key_file_password =
        tls.certificate_key_file_password.as_ref().map(|password| password.expose().as_bytes().to_vec());
    Ok(Prepared { options, files })
}

/// The driver's own message names neither the option nor, for some, the file.
fn check_readable(option: &str, path: Option<&str>) -> Result<(), Error> {
    let Some(path) = path else { return Ok(()) };
    std::fs::File::open(path)
        .map(drop)
        .map_err(|error| Error::invalid(format!("{option}: cannot read {path}: {error}")))
}

fn check_has_key(tls: &Tls) -> Result<(), Error> {
    let Some(path) = tls.certificate_key_file.as_deref() else { return Ok(()) };
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let option = "tlsCertificateKeyFile";
    if !text.contains("PRIVATE KEY-----") {
        return Err(Error::invalid(format!("{option}: there is no private key in {path}")));
    }
    if text.contains("ENCRYPTED") && tls.certificate_key_file_password.is_none() {
        return Err(Error::invalid(format!(
            "{option}: the private key in {path} is encrypted; give tlsCertificateKeyFilePassword"
        )));
    }
    Ok(())
}

fn keep(files: &mut Vec<NamedTempFile>, what: &str, parts: &[&str]) -> Result<PathBuf, Error> {
    let failed =
        |error: std::io::Error| Error::internal(format!("cannot keep {what} in a temporary file: {error}"));
    let mut file =
        tempfile::Builder::new().prefix("mongodb-session-").suffix(".pem").tempfile().map_err(failed)?;
    for part in parts {
        file.write_all(part.as_bytes()).and_then(|()| file.write_all(b"\n")).map_err(failed)?;
    }
    file.flush().map_err(failed)?;
    let path = file.path().to_path_buf();
    files.push(file);
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_memory_certificates_live_in_files_that_go_with_the_client() {
        let tls = Tls { enabled: true, ca: Some("CA".into()), ..Tls::default() };
        let prepared = prepare(&tls).expect("usable");
        let path = prepared.options.ca_file_path.clone().expect("set");
        assert_eq!(std::fs::read_to_string(&path).expect("there"), "CA\n");
        drop(prepared);
        assert!(!path.exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_private_key_file_is_readable_by_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let json = r#"{"enabled":true,"cert":"C","key":"K"}"#;
        let prepared = prepare(&serde_json::from_str(json).expect("valid")).expect("usable");
        let path = prepared.options.cert_key_file_path.expect("set");
        let mode = std::fs::metadata(path).expect("there").permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }

    #[test]
    fn a_file_that_is_not_there_is_named_with_its_option() {
        let tls = Tls { enabled: true, certificate_key_file: Some("/nowhere.pem".into()), ..Tls::default() };
        let message = prepare(&tls).expect_err("not there").message;
        assert!(message.starts_with("tlsCertificateKeyFile: cannot read /nowhere.pem"), "{message}");
    }

    #[test]
    fn refuses_a_certificate_without_its_key() {
        let tls = Tls { enabled: true, cert: Some("C".into()), ..Tls::default() };
        assert_eq!(prepare(&tls).expect_err("no key").message, "cert needs key with it");
    }
}
