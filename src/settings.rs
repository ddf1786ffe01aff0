//! What a client was asked to be: the connection string and options, already parsed by JavaScript.
//!
//! JavaScript speaks the Node driver's dialect (names, casts, error messages) and hands over this
//! normal form; anything it does not know is refused here rather than ignored.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::Deserialize;

use crate::error::Error;

/// A value that must never be printed.
#[derive(Clone, Deserialize, PartialEq, Eq)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The value itself, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[redacted]")
    }
}

/// Details of a login mechanism, a token perhaps: its values are never printed.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Properties(BTreeMap<String, serde_json::Value>);

impl Properties {
    /// Names and values, for the one place that needs them.
    pub fn expose(&self) -> &BTreeMap<String, serde_json::Value> {
        &self.0
    }
}

impl fmt::Debug for Properties {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

/// The settings of one pool. Absent means the driver's default; all times are milliseconds.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the fields are the connection options of the same names")]
pub struct Settings {
    pub hosts: Vec<Host>,
    pub srv: Option<Srv>,
    pub app_name: Option<String>,
    pub default_database: Option<String>,
    pub credential: Option<Credential>,
    pub tls: Option<Tls>,
    pub replica_set: Option<String>,
    pub direct_connection: Option<bool>,
    pub load_balanced: Option<bool>,
    pub max_pool_size: Option<u32>,
    pub min_pool_size: Option<u32>,
    #[serde(rename = "maxIdleTimeMS")]
    pub max_idle_time_ms: Option<u64>,
    pub max_connecting: Option<u32>,
    #[serde(rename = "waitQueueTimeoutMS")]
    pub wait_queue_timeout_ms: Option<u64>,
    #[serde(rename = "serverSelectionTimeoutMS")]
    pub server_selection_timeout_ms: Option<u64>,
    #[serde(rename = "connectTimeoutMS")]
    pub connect_timeout_ms: Option<u64>,
    #[serde(rename = "socketTimeoutMS")]
    pub socket_timeout_ms: Option<u64>,
    #[serde(rename = "timeoutMS")]
    pub timeout_ms: Option<u64>,
    #[serde(rename = "heartbeatFrequencyMS")]
    pub heartbeat_frequency_ms: Option<u64>,
    #[serde(rename = "localThresholdMS")]
    pub local_threshold_ms: Option<u64>,
    pub server_monitoring_mode: Option<ServerMonitoringMode>,
    pub compressors: Option<Vec<Compressor>>,
    pub read_preference: Option<ReadPreference>,
    pub read_concern: Option<ReadConcern>,
    pub write_concern: Option<WriteConcern>,
    pub retry_reads: Option<bool>,
    pub retry_writes: Option<bool>,
    pub server_api: Option<ServerApi>,
    pub driver_info: Option<DriverInfo>,
    pub proxy: Option<Proxy>,
    pub family: Option<u8>,
}

/// How the driver notices what becomes of a server.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "named as in a connection string")]
pub enum ServerMonitoringMode {
    Auto,
    Poll,
    Stream,
}

/// A server's address.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase", untagged)]
#[allow(missing_docs, reason = "named as in a connection string")]
pub enum Host {
    Tcp {
        host: String,
        port: Option<u16>,
    },
    #[serde(rename_all = "camelCase")]
    Unix {
        socket_path: String,
    },
}

impl fmt::Display for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } => write!(formatter, "{host}:{}", port.unwrap_or(27017)),
            Self::Unix { socket_path } => formatter.write_str(socket_path),
        }
    }
}

/// A `mongodb+srv://` name, resolved when the client connects.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(missing_docs, reason = "named as in a connection string")]
pub struct Srv {
    pub host: String,
    pub service_name: Option<String>,
    pub max_hosts: Option<u32>,
}

/// Who connects.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[allow(missing_docs, reason = "named as in a connection string")]
pub struct Credential {
    pub username: Option<String>,
    pub password: Option<Secret>,
    pub source: Option<String>,
    pub source_without_dns: Option<String>,
    pub mechanism: Option<String>,
    pub mechanism_properties: Option<Properties>,
    /// Tokens come from JavaScript.
    pub tokens: Option<TokenSource>,
    /// Signatures of AWS come from JavaScript.
    pub signatures: Option<SignatureSource>,
}

/// Where JavaScript gets the tokens of a login by OpenID Connect.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TokenSource {
    /// Names it: pools with different ones are different.
    #[allow(dead_code, reason = "read as a part of the settings' text")]
    id: String,
    /// Whether it asks a person, who may take minutes.
    pub human: bool,
}

/// Where JavaScript gets the credentials from that it signs logins of `MONGODB-AWS` with.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignatureSource {
    /// Names it: pools with different ones are different.
    #[allow(dead_code, reason = "read as a part of the settings' text")]
    id: String,
}

/// TLS: files are paths; `ca`, `cert`, `key` and `crl` are PEM text held in memory, and so are `authorities`: those that
/// are trusted where neither `ca` nor `ca_file` is there, the public ones if absent.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[allow(missing_docs, reason = "named as in a connection string")]
pub struct Tls {
    pub enabled: bool,
    pub ca_file: Option<String>,
    pub certificate_key_file: Option<String>,
    pub certificate_key_file_password: Option<Secret>,
    pub allow_invalid_certificates: Option<bool>,
    pub allow_invalid_hostnames: Option<bool>,
    pub ca: Option<String>,
    pub cert: Option<String>,
    pub key: Option<Secret>,
    pub authorities: Option<String>,
    pub server_name: Option<String>,
    pub crl: Option<String>,
    pub crl_file: Option<String>,
    pub allow_partial_trust_chain: Option<bool>,
}

/// One compressor, in order of preference.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "named as in a connection string")]
pub struct Compressor {
    pub name: String,
    pub level: Option<i32>,
}

/// Which members a read may go to.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(missing_docs, reason = "named as in a connection string")]
pub struct ReadPreference {
    pub mode: String,
    pub tags: Option<Vec<std::collections::HashMap<String, String>>>,
    pub max_staleness_seconds: Option<u64>,
}

/// How durable what is read must be.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "named as in a connection string")]
pub struct ReadConcern {
    pub level: String,
}

/// How durable a write must be before it counts.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[allow(missing_docs, reason = "named as in a connection string")]
pub struct WriteConcern {
    pub w: Option<Acknowledgment>,
    #[serde(rename = "wtimeoutMS")]
    pub wtimeout_ms: Option<u64>,
    pub journal: Option<bool>,
}

/// A number of members, which the server refuses where it makes no sense; `majority`, or the name of a custom rule.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
#[allow(missing_docs, reason = "described above")]
pub enum Acknowledgment {
    Nodes(i32),
    Named(String),
}

/// The stable API version to declare.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(missing_docs, reason = "named as in the Node driver")]
pub struct ServerApi {
    pub version: String,
    pub strict: Option<bool>,
    pub deprecation_errors: Option<bool>,
}

/// What wraps the driver; servers write it into their logs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[allow(missing_docs, reason = "named as in the Node driver")]
pub struct DriverInfo {
    pub name: Option<String>,
    pub version: Option<String>,
    pub platform: Option<String>,
}

/// A SOCKS5 proxy.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "named as in a connection string")]
pub struct Proxy {
    pub host: String,
    pub port: Option<u16>,
    pub username: Option<String>,
    pub password: Option<Secret>,
}

/// The Node driver's default pool size; the Rust driver's is 10.
pub const DEFAULT_MAX_POOL_SIZE: u32 = 100;
/// Longer than any process waits: what 0 means, as in the Node driver.
const NO_LIMIT: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// The driver specification's default.
pub const DEFAULT_SERVER_SELECTION_TIMEOUT: Duration = Duration::from_secs(30);

impl Settings {
    /// Reads settings from the JSON that JavaScript sends.
    ///
    /// # Errors
    /// When the JSON is malformed or says something unknown. The message never quotes values.
    pub fn from_json(json: &str) -> Result<Self, Error> {
        serde_json::from_str(json).map_err(|error| {
            // serde quotes offending values, and a value may be a password; positions are enough.
            Error::invalid(format!(
                "the connection settings are not usable (at line {}, column {})",
                error.line(),
                error.column()
            ))
        })
    }

    /// The servers' names, as people write them.
    pub fn servers(&self) -> String {
        if let Some(srv) = &self.srv {
            return srv.host.clone();
        }
        let names: Vec<String> = self.hosts.iter().map(Host::to_string).collect();
        names.join(",")
    }

    /// How long to look for a server that can serve an operation.
    pub fn server_selection_timeout(&self) -> Duration {
        match self.server_selection_timeout_ms {
            None => DEFAULT_SERVER_SELECTION_TIMEOUT,
            Some(0) => NO_LIMIT,
            Some(ms) => Duration::from_millis(ms),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_javascript_sends() {
        let settings = Settings::from_json(
            r#"{"hosts":[{"host":"a","port":1},{"socketPath":"/s.sock"}],"serverSelectionTimeoutMS":5,
                "writeConcern":{"w":"majority","wtimeoutMS":3},"tls":{"enabled":true,"caFile":"ca.pem"}}"#,
        )
        .expect("valid");
        assert_eq!(settings.server_selection_timeout(), Duration::from_millis(5));
        assert!(matches!(&settings.hosts[1], Host::Unix { socket_path } if socket_path == "/s.sock"));
        assert!(matches!(
            settings.write_concern,
            Some(WriteConcern { w: Some(Acknowledgment::Named(_)), .. })
        ));
    }

    #[test]
    fn names_its_servers() {
        let settings =
            Settings::from_json(r#"{"hosts":[{"host":"a","port":1},{"host":"b"}]}"#).expect("valid");
        assert_eq!(settings.servers(), "a:1,b:27017");
    }

    #[test]
    fn refuses_an_unknown_setting_without_quoting_any_value() {
        let error = Settings::from_json(r#"{"maxPoolSize":"hunter2"}"#).expect_err("a string is no size");
        assert!(!error.message.contains("hunter2"), "{}", error.message);
        assert!(Settings::from_json(r#"{"pool":5}"#).is_err());
    }

    #[test]
    fn never_prints_a_secret() {
        let settings = Settings::from_json(
            r#"{"credential":{"username":"u","password":"hunter2",
                "mechanismProperties":{"AWS_SESSION_TOKEN":"hunter2"}},"tls":{"enabled":true,"key":"hunter2"}}"#,
        )
        .expect("valid");
        assert!(!format!("{settings:?}").contains("hunter2"));
    }
}
