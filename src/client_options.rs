//! Settings into the driver's `ClientOptions`.

use std::time::Duration;

use mongodb::bson::{Bson, Document};
use mongodb::options::{
    self as driver, ClientOptions, Compressor, DriverInfo, SelectionCriteria, ServerAddress, ServerApi,
};

use crate::error::Error;
use crate::relay::aws::STAND_IN;
use crate::settings::{self, DEFAULT_MAX_POOL_SIZE, Host, ServerMonitoringMode, Settings};
use crate::srv::Records;

/// The Node driver's 0 means no limit to connecting; the Rust driver's would mean none of the time.
const NO_LIMIT_MS: u64 = 30 * 24 * 60 * 60 * 1000;

/// Builds the driver's options but for TLS material and event handlers; with what DNS says for `mongodb+srv`.
///
/// # Errors
/// When a setting is not one the driver can honour.
pub fn build(settings: &Settings, records: Option<&Records>) -> Result<ClientOptions, Error> {
    let hosts: Vec<ServerAddress> =
        records.map_or(&settings.hosts, |records| &records.hosts).iter().map(address).collect();
    let mut options = ClientOptions::builder().hosts(hosts).build();
    timing(settings, &mut options);
    pooling(settings, &mut options);
    options.app_name = settings.app_name.clone();
    options.direct_connection = settings.direct_connection;
    options.load_balanced =
        settings.load_balanced.or_else(|| records.and_then(|records| records.load_balanced));
    options.repl_set_name =
        settings.replica_set.clone().or_else(|| records.and_then(|records| records.replica_set.clone()));
    options.default_database = settings.default_database.clone();
    options.retry_reads = settings.retry_reads;
    options.retry_writes = settings.retry_writes;
    options.compressors = settings.compressors.as_deref().map(compressors).transpose()?;
    options.read_concern = settings.read_concern.as_ref().map(|concern| read_concern(&concern.level));
    options.write_concern = settings.write_concern.as_ref().map(write_concern);
    options.selection_criteria = settings.read_preference.as_ref().map(selection_criteria).transpose()?;
    options.server_api = settings.server_api.as_ref().map(server_api).transpose()?;
    options.driver_info = settings.driver_info.as_ref().map(driver_info);
    if let Some(credential) = &settings.credential {
        let said = records.and_then(|records| records.auth_source.clone());
        options.credential = Some(self::credential(credential, said)?);
    }
    if options.direct_connection == Some(true) {
        // The driver would refuse a server in no set at all, which the Node driver takes. One of another set is
        // refused by `failures`.
        options.repl_set_name = None;
    }
    Ok(options)
}

/// A host as the driver has it.
pub fn address(host: &Host) -> ServerAddress {
    match host {
        Host::Tcp { host, port } => ServerAddress::Tcp { host: host.clone(), port: *port },
        #[cfg(unix)]
        Host::Unix { socket_path } => ServerAddress::Unix { path: socket_path.into() },
        #[cfg(not(unix))]
        Host::Unix { socket_path } => ServerAddress::Tcp { host: socket_path.clone(), port: None },
    }
}

fn timing(settings: &Settings, options: &mut ClientOptions) {
    let duration = |value: Option<u64>| value.map(Duration::from_millis);
    options.connect_timeout =
        duration(settings.connect_timeout_ms.map(|ms| if ms == 0 { NO_LIMIT_MS } else { ms }));
    options.heartbeat_freq = duration(settings.heartbeat_frequency_ms);
    options.local_threshold = duration(settings.local_threshold_ms);
    options.server_selection_timeout = Some(settings.server_selection_timeout());
    options.server_monitoring_mode = settings.server_monitoring_mode.map(|mode| match mode {
        ServerMonitoringMode::Auto => driver::ServerMonitoringMode::Auto,
        ServerMonitoringMode::Poll => driver::ServerMonitoringMode::Poll,
        ServerMonitoringMode::Stream => driver::ServerMonitoringMode::Stream,
    });
}

fn pooling(settings: &Settings, options: &mut ClientOptions) {
    // The Node driver's 0 means no limit; the Rust driver has none to give but a large number.
    let size = settings.max_pool_size.unwrap_or(DEFAULT_MAX_POOL_SIZE);
    options.max_pool_size = Some(if size == 0 { u32::MAX } else { size });
    options.min_pool_size = settings.min_pool_size;
    options.max_connecting = settings.max_connecting;
    options.max_idle_time = settings.max_idle_time_ms.filter(|&time| time > 0).map(Duration::from_millis);
}

fn compressors(list: &[settings::Compressor]) -> Result<Vec<Compressor>, Error> {
    let mut found = Vec::new();
    for compressor in list {
        match compressor.name.as_str() {
            "snappy" => found.push(Compressor::Snappy),
            // The Node driver's -1 is zlib's own default.
            "zlib" => found
                .push(Compressor::Zlib { level: compressor.level.and_then(|level| level.try_into().ok()) }),
            "zstd" => found.push(Compressor::Zstd { level: compressor.level }),
            "none" => {}
            other => {
                return Err(Error::invalid(format!(
                    "compressors: {other} is not one of snappy, zlib, zstd, none"
                )));
            }
        }
    }
    Ok(found)
}

fn read_concern(level: &str) -> driver::ReadConcern {
    use driver::ReadConcernLevel::{Available, Custom, Linearizable, Local, Majority, Snapshot};
    match level {
        "local" => Local,
        "majority" => Majority,
        "linearizable" => Linearizable,
        "available" => Available,
        "snapshot" => Snapshot,
        other => Custom(other.to_owned()),
    }
    .into()
}

fn write_concern(concern: &settings::WriteConcern) -> driver::WriteConcern {
    let mut result = driver::WriteConcern::default();
    result.w = concern.w.as_ref().and_then(|w| match w {
        // A negative number is none that the driver takes. It is sent with each command all the same, whose concern is
        // not the driver's affair, and the server says what is wrong with it.
        settings::Acknowledgment::Nodes(nodes) => {
            u32::try_from(*nodes).ok().map(driver::Acknowledgment::Nodes)
        }
        settings::Acknowledgment::Named(name) => Some(name.as_str().into()),
    });
    result.w_timeout = concern.wtimeout_ms.map(Duration::from_millis);
    result.journal = concern.journal;
    result
}

/// Turns a read preference into the driver's selection criteria.
///
/// # Errors
/// When the mode is none of the five.
pub fn selection_criteria(preference: &settings::ReadPreference) -> Result<SelectionCriteria, Error> {
    let mut options = driver::ReadPreferenceOptions::default();
    options.tag_sets = preference.tags.clone();
    options.max_staleness = preference.max_staleness_seconds.map(Duration::from_secs);
    let preference = match preference.mode.as_str() {
        "primary" => driver::ReadPreference::Primary,
        "primaryPreferred" => driver::ReadPreference::PrimaryPreferred { options: Some(options) },
        "secondary" => driver::ReadPreference::Secondary { options: Some(options) },
        "secondaryPreferred" => driver::ReadPreference::SecondaryPreferred { options: Some(options) },
        "nearest" => driver::ReadPreference::Nearest { options: Some(options) },
        other => return Err(Error::invalid(format!("readPreference: {other} is no read preference mode"))),
    };
    Ok(SelectionCriteria::ReadPreference(preference))
}

fn server_api(api: &settings::ServerApi) -> Result<ServerApi, Error> {
    let version: driver::ServerApiVersion = api.version.parse()?;
    let mut result = ServerApi::builder().version(version).build();
    result.strict = api.strict;
    result.deprecation_errors = api.deprecation_errors;
    Ok(result)
}

fn driver_info(info: &settings::DriverInfo) -> DriverInfo {
    let name = info.name.clone().unwrap_or_default();
    let mut result = DriverInfo::builder().name(name).build();
    result.version = info.version.clone();
    result.platform = info.platform.clone();
    result
}

fn credential(
    credential: &settings::Credential,
    source_of_dns: Option<String>,
) -> Result<driver::Credential, Error> {
    let mut result = driver::Credential::default();
    if credential.signatures.is_some() {
        // The relay has the conversation; the driver only says when.
        result.source.clone_from(&credential.source);
        result.username = Some(STAND_IN.to_owned());
        result.password = Some(STAND_IN.to_owned());
        result.mechanism = Some(driver::AuthMechanism::Plain);
        return Ok(result);
    }
    // The driver would send an X.509 user under a name that servers refuse; they take the
    // certificate's subject.
    let by_certificate = credential.mechanism.as_deref() == Some("MONGODB-X509");
    result.username = credential.username.clone().filter(|_| !by_certificate);
    result.password = credential.password.as_ref().map(|password| password.expose().to_owned());
    // A TXT record's authSource is for who did not ask for another.
    result.source =
        credential.source.clone().or(source_of_dns).or_else(|| credential.source_without_dns.clone());
    result.mechanism = credential.mechanism.as_deref().map(str::parse).transpose()?;
    result.mechanism_properties = credential.mechanism_properties.as_ref().map(|properties| {
        let properties = properties.expose().iter();
        properties
            .map(|(name, value)| {
                (name.clone(), mongodb::bson::serialize_to_bson(value).unwrap_or(Bson::Null))
            })
            .collect::<Document>()
    });
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build_json(json: &str) -> Result<ClientOptions, Error> {
        build(&Settings::from_json(json).expect("valid"), None)
    }

    #[test]
    fn the_pool_is_as_large_as_the_node_drivers() {
        let options = build_json(r#"{"hosts":[{"host":"h","port":1}]}"#).expect("usable");
        assert_eq!(options.max_pool_size, Some(100));
        let unlimited = build_json(r#"{"maxPoolSize":0}"#).expect("usable");
        assert_eq!(unlimited.max_pool_size, Some(u32::MAX));
    }

    #[test]
    fn options_reach_the_driver() {
        let options = build_json(
            r#"{"hosts":[{"host":"h","port":1}],"replicaSet":"rs","retryWrites":false,"appName":"@app@",
                "readPreference":{"mode":"nearest","tags":[{"dc":"a"}],"maxStalenessSeconds":120},
                "compressors":[{"name":"zlib","level":3},{"name":"none"}],"maxIdleTimeMS":120000,
                "writeConcern":{"w":2,"journal":true},"readConcern":{"level":"majority"}}"#,
        )
        .expect("usable");
        assert_eq!(options.repl_set_name.as_deref(), Some("rs"));
        assert_eq!(options.retry_writes, Some(false));
        assert_eq!(options.app_name.as_deref(), Some("@app@"));
        assert_eq!(options.max_idle_time, Some(Duration::from_secs(120)));
        assert_eq!(options.compressors, Some(vec![Compressor::Zlib { level: Some(3) }]));
        assert_eq!(options.write_concern.expect("set").journal, Some(true));
        assert!(matches!(
            options.selection_criteria,
            Some(SelectionCriteria::ReadPreference(driver::ReadPreference::Nearest { .. }))
        ));
    }

    #[test]
    fn an_unknown_compressor_is_refused_by_name() {
        let error = build_json(r#"{"compressors":[{"name":"lz4"}]}"#).expect_err("unknown");
        assert!(error.message.contains("lz4"), "{}", error.message);
    }
}
