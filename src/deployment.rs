//! Whether a server that answers is one of the deployment that is asked for.
//!
//! The Rust driver leaves out a server of another replica set and waits in vain for one that is new enough, and says
//! neither. So what each server says of itself (its `hello`) is judged here too.

use mongodb::bson::Document;
use mongodb::options::{ClientOptions, ServerAddress};

use crate::error::{Error, ErrorKind};

/// MongoDB 4.2, the oldest that the driver talks to. It waits in vain for a newer one and says nothing.
const MIN_WIRE_VERSION: i32 = 8;

/// What is known of the deployment that is asked for, by which a server is judged to belong to it or not.
#[derive(Debug, Default)]
pub struct Expected {
    /// The replica set's name.
    set: Option<String>,
    /// One server, whatever it is a member of.
    direct: bool,
    /// More than one host is named.
    several: bool,
}

impl Expected {
    /// What `options` ask for. `asked` is the set's name in the connection string, which may have been taken out of `options`.
    pub fn new(options: &ClientOptions, asked: Option<String>) -> Self {
        Self {
            set: options.repl_set_name.clone().or(asked),
            direct: options.direct_connection == Some(true),
            several: options.hosts.len() > 1,
        }
    }

    /// Whether one server is asked for that is to be in one set.
    pub fn names_one_set(&self) -> bool {
        self.direct && self.set.is_some()
    }

    /// Why a server that says this of itself is none that is asked for.
    pub fn refusal(&self, hello: &Document, address: &ServerAddress) -> Option<String> {
        let name = hello.get_str("setName").ok();
        // Not initiated yet: it may become anything.
        if name.is_none() && hello.get_bool("isreplicaset").unwrap_or(false) {
            return None;
        }
        let router = hello.get_str("msg").is_ok_and(|message| message == "isdbgrid");
        match (&self.set, name) {
            (Some(set), Some(name)) => (set != name).then(|| {
                format!(
                    "Server at {address} is in the replica set \"{name}\", but replicaSet asks for \"{set}\""
                )
            }),
            (Some(set), None) => (!self.direct).then(|| {
                let kind = if router { "a mongos" } else { "in no replica set" };
                format!("Server at {address} is {kind}, but replicaSet asks for \"{set}\"")
            }),
            (None, None) if self.several && !router => Some(format!(
                "Server at {address} is in no replica set: several hosts must be members of one set, or mongos"
            )),
            (None, None | Some(_)) => None,
        }
    }
}

/// What is wrong with a server that answers and is too old.
pub fn too_old(hello: &Document, address: &ServerAddress) -> Option<Error> {
    let version = hello.get_i32("maxWireVersion").unwrap_or(0);
    (version < MIN_WIRE_VERSION).then(|| {
        let text = format!(
            "Server at {address} reports maximum wire version {version}, but at least {MIN_WIRE_VERSION} \
             (MongoDB 4.2) is required"
        );
        Error::new(ErrorKind::Compatibility, text)
    })
}

#[cfg(test)]
mod tests {
    use mongodb::bson::doc;

    use super::*;

    fn address() -> ServerAddress {
        ServerAddress::Tcp { host: "127.0.0.1".into(), port: Some(1) }
    }

    #[test]
    fn a_server_that_is_too_old_says_so_and_others_do_not() {
        let refusal = too_old(&doc! { "maxWireVersion": 7 }, &address()).expect("MongoDB 4.0");
        assert_eq!(
            refusal.message,
            "Server at 127.0.0.1:1 reports maximum wire version 7, but at least 8 (MongoDB 4.2) is required"
        );
        assert!(too_old(&doc! { "maxWireVersion": 8 }, &address()).is_none());
    }

    #[test]
    fn a_server_of_another_deployment_is_refused_and_one_that_fits_is_not() {
        let expected =
            |set: Option<&str>, direct, several| Expected { set: set.map(str::to_owned), direct, several };
        let refusal = |expected: &Expected, hello: Document| expected.refusal(&hello, &address());
        let (member, lone) = (doc! { "setName": "rs" }, Document::new());
        let router = doc! { "msg": "isdbgrid" };
        let not_initiated = doc! { "isreplicaset": true };

        let other = refusal(&expected(Some("other"), false, true), member.clone()).expect("another set");
        assert_eq!(
            other,
            "Server at 127.0.0.1:1 is in the replica set \"rs\", but replicaSet asks for \"other\""
        );
        assert!(refusal(&expected(Some("other"), true, false), member.clone()).is_some());
        assert!(refusal(&expected(Some("rs"), false, false), lone.clone()).is_some());
        assert!(refusal(&expected(Some("rs"), false, false), router.clone()).is_some());
        assert!(refusal(&expected(None, false, true), lone.clone()).is_some());

        for (fits, hello) in [
            (expected(Some("rs"), false, true), member.clone()),
            (expected(Some("rs"), true, false), lone.clone()),
            (expected(Some("rs"), false, true), not_initiated),
            (expected(None, false, false), lone),
            (expected(None, false, true), member),
            (expected(None, false, true), router),
        ] {
            assert_eq!(refusal(&fits, hello), None, "{fits:?}");
        }
    }
}
