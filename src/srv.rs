//! `mongodb+srv`: what DNS says of the servers, and what is said when it says nothing.

use std::time::Duration;

use mongodb::options::ClientOptions;

use crate::error::Error;
use crate::settings::Srv;

/// The driver's options as DNS has them: the hosts, and what the TXT record says.
///
/// # Errors
/// As the Node driver's: of its name service, or of what may stand in the records. `ETIMEOUT` when
/// nothing answers within `limit`.
pub async fn resolve(srv: &Srv, with_user: bool, limit: Duration) -> Result<ClientOptions, Error> {
    // The driver resolves SRV only from a connection string. The user stands in for "there are
    // credentials", so that the TXT record's authSource arrives; the real ones follow.
    let user = if with_user { "user:password@" } else { "" };
    let mut parameters = Vec::new();
    if let Some(name) = &srv.service_name {
        parameters.push(format!("srvServiceName={name}"));
    }
    if let Some(max) = srv.max_hosts {
        parameters.push(format!("srvMaxHosts={max}"));
    }
    // The driver takes neither an empty parameter nor a trailing separator.
    let query = if parameters.is_empty() { String::new() } else { format!("?{}", parameters.join("&")) };
    let uri = format!("mongodb+srv://{user}{}/{NO_SOURCE}{query}", srv.host);
    match tokio::time::timeout(limit, ClientOptions::parse(uri)).await {
        Ok(result) => result.map(without_stand_in).map_err(|error| explain(error.into(), srv)),
        Err(_) => Err(no_answer("ETIMEOUT", srv)),
    }
}

/// Stands in for the database, which the driver takes for the source where the TXT record names none.
const NO_SOURCE: &str = "no-source";

fn without_stand_in(mut options: ClientOptions) -> ClientOptions {
    options.default_database = None;
    if let Some(credential) = options.credential.as_mut() {
        credential.source = credential.source.take().filter(|source| source != NO_SOURCE);
    }
    options
}

/// The Node driver's error for one of this driver's, which tells what DNS said in words only.
pub fn explain(error: Error, srv: &Srv) -> Error {
    let says = |text: &str| error.message.contains(text);
    if says("does not match domain name") {
        return Error::new("MongoAPIError", "Server record does not share hostname with parent URI");
    }
    if says("returned no records") {
        return Error::new("MongoAPIError", "No addresses found at host");
    }
    if says("returned more than one record") {
        return Error::new("MongoParseError", "Multiple text records not allowed");
    }
    if says("TXT record option") || says("TXT record string") {
        let allowed = "Text record may only set any of: authSource, replicaSet, loadBalanced";
        return Error::new("MongoParseError", allowed);
    }
    if says("srvMaxHosts and replicaSet") {
        return Error::new("MongoParseError", "Cannot combine replicaSet option with srvMaxHosts");
    }
    if says("srvMaxHosts and loadBalanced") {
        return Error::new("MongoParseError", "Cannot limit srv hosts with loadBalanced enabled");
    }
    let codes = [
        ("no records found", "ENOTFOUND"),
        ("request timed out", "ETIMEOUT"),
        ("Server Failure", "ESERVFAIL"),
        ("Query Refused", "EREFUSED"),
        ("Connection refused", "ECONNREFUSED"),
    ];
    match codes.into_iter().find(|(text, _)| says(text)) {
        Some((_, code)) => no_answer(code, srv),
        None => error,
    }
}

fn no_answer(code: &'static str, srv: &Srv) -> Error {
    let service = srv.service_name.as_deref().unwrap_or("mongodb");
    Error::system(code, format!("querySrv {code} _{service}._tcp.{}", srv.host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn srv() -> Srv {
        Srv { host: "db.example.com".into(), service_name: None, max_hosts: None }
    }

    fn explained(message: &str) -> Error {
        explain(Error::new("MongoNetworkError", message), &srv())
    }

    #[test]
    fn a_name_without_records_reads_as_in_node() {
        let error = explained("DNS error: no records found for Query { name: Name(\"_mongodb._tcp.db\") }");
        assert_eq!((error.name, error.system), ("Error", Some("ENOTFOUND")));
        assert_eq!(error.message, "querySrv ENOTFOUND _mongodb._tcp.db.example.com");
        let named = Srv { service_name: Some("shop".into()), ..srv() };
        assert_eq!(no_answer("ETIMEOUT", &named).message, "querySrv ETIMEOUT _shop._tcp.db.example.com");
    }

    #[test]
    fn records_that_say_what_they_may_not_read_as_in_the_node_driver() {
        for (text, name, message) in [
            (
                "SRV lookup for a returned result b, which does not match domain name c",
                "MongoAPIError",
                "Server record does not share hostname with parent URI",
            ),
            (
                "TXT lookup for a returned more than one record, but more than one are not allowed",
                "MongoParseError",
                "Multiple text records not allowed",
            ),
            (
                "TXT record option 'ssl' was returned, but only 'authSource', 'replicaSet', and",
                "MongoParseError",
                "Text record may only set any of: authSource, replicaSet, loadBalanced",
            ),
        ] {
            let error = explained(text);
            assert_eq!((error.name, error.message.as_str()), (name, message));
        }
    }

    #[test]
    fn what_is_not_known_is_told_as_it_is() {
        let error = explained("something new");
        assert_eq!((error.name, error.message.as_str()), ("MongoNetworkError", "something new"));
    }

    #[tokio::test]
    async fn a_name_service_that_does_not_answer_is_not_waited_for() {
        let error = resolve(&srv(), false, Duration::ZERO).await.expect_err("no time");
        assert_eq!(error.system, Some("ETIMEOUT"));
    }
}
