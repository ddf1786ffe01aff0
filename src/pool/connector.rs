//! Makes the driver's clients of settings.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use mongodb::Client;
use mongodb::event::EventHandler;
use mongodb::options::{ClientOptions, Tls};

use super::driver_client::DriverClient;
use super::view::View;
use crate::availability::Availability;
use crate::deployment::Expected;
use crate::diagnosis::Diagnosis;
use crate::error::Error;
use crate::failures::Failures;
use crate::login_questions::LoginQuestions;
use crate::relay::aws::Login;
use crate::relay::route::Route;
use crate::relay::{Relay, probe, trust};
use crate::settings::{self, DEFAULT_MAX_POOL_SIZE, Host, Settings};
use crate::srv::{NameService, Records};
use crate::stats::Connections;
use crate::write_sessions::WriteSessions;
use crate::{client_options, tls, tokens};

/// The Node driver's.
const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(30);

/// Makes clients; what becomes of them shows in the fields that it shares with their pool.
#[derive(Debug)]
pub struct Connector {
    pub(super) settings: Settings,
    /// Its questions about `mongodb+srv` names.
    pub(super) names: NameService,
    /// What its logins ask JavaScript for.
    pub(super) login_questions: Arc<LoginQuestions>,
    /// Whether there is a server, and which one takes writes.
    pub(super) availability: Arc<Availability>,
    /// Its connections, in numbers.
    pub(super) connections: Arc<Connections>,
}

impl Connector {
    /// A connector for these settings.
    ///
    /// # Errors
    /// When the settings say what cannot be.
    pub fn new(settings: Settings) -> Result<Self, Error> {
        let reads = settings.read_preference.as_ref().map(client_options::selection_criteria).transpose()?;
        Ok(Self {
            names: NameService::default(),
            login_questions: Arc::default(),
            availability: Arc::new(Availability::new(reads)),
            connections: Arc::default(),
            settings,
        })
    }

    /// How many connections a client may have.
    pub fn size(&self) -> usize {
        match self.settings.max_pool_size.unwrap_or(DEFAULT_MAX_POOL_SIZE) {
            0 => usize::MAX,
            size => size as usize,
        }
    }

    /// Whether its servers are reached by sockets of the file system.
    pub fn uses_sockets(&self) -> bool {
        self.settings.hosts.iter().any(|host| matches!(host, Host::Unix { .. }))
    }

    /// What DNS says of the servers, where it has a say.
    ///
    /// # Errors
    /// When an SRV name does not resolve.
    pub async fn look_up(&self) -> Result<Option<Arc<Records>>, Error> {
        match &self.settings.srv {
            Some(srv) => self.names.resolve(srv, self.settings.server_selection_timeout()).await.map(Some),
            None => Ok(None),
        }
    }

    /// Makes a client. Its connections are opened as operations need them; `in_use` says whether the pool's availability
    /// is what it finds.
    ///
    /// # Errors
    /// When the TLS material is not usable.
    pub async fn connect_to(&self, records: Option<&Records>, in_use: bool) -> Result<DriverClient, Error> {
        let failures = Failures::new(self.settings.tls.as_ref().is_some_and(|tls| tls.enabled));
        let mut options = client_options::build(&self.settings, records)?;
        let expected = Expected::new(&options, self.settings.replica_set.clone());
        let relay = self.secured(&mut options, &failures).await?;
        let source = self.settings.credential.as_ref().and_then(|credential| credential.tokens.as_ref());
        if let (Some(source), Some(credential)) = (source, options.credential.as_mut()) {
            credential.oidc_callback = tokens::callback(&self.login_questions, source.human);
        }
        let names_one_set = expected.names_one_set();
        failures.expect(expected);
        let diagnosis = Diagnosis::new(options.clone());
        let stream_options = for_streams(options.clone());
        let view = Arc::new(View::new(Arc::clone(&self.availability), in_use));
        self.observe(&mut options, &failures, &view);
        let (hosts, replaceable) = (options.hosts.clone(), self.has_hosts_of_dns(&options));
        let client = Client::with_options(options)?;
        if names_one_set {
            // Nothing may be sent to a server of another set.
            failures.first_check().await;
        }
        let sessions = WriteSessions::default();
        sessions.reserve(&client, self.size()).await?;
        Ok(DriverClient {
            client,
            hosts,
            diagnosis,
            failures,
            view,
            sessions,
            stream_options,
            sockets: self.uses_sockets(),
            replaceable,
            relay,
            closed: AtomicBool::new(false),
        })
    }

    /// Whether DNS alone knows of servers that come and go.
    fn has_hosts_of_dns(&self, options: &ClientOptions) -> bool {
        self.settings.srv.is_some() && options.repl_set_name.is_none() && options.load_balanced != Some(true)
    }

    fn observe(&self, options: &mut ClientOptions, failures: &Arc<Failures>, view: &Arc<View>) {
        let (failures, view) = (Arc::clone(failures), Arc::clone(view));
        options.sdam_event_handler = Some(EventHandler::callback(move |event| {
            failures.observe(&event);
            view.observe(&event);
        }));
        let connections = Arc::clone(&self.connections);
        options.cmap_event_handler = Some(EventHandler::callback(move |event| connections.observe(&event)));
    }

    /// Sets the way to the servers, and TLS; the relay that is part of it, if one is needed.
    async fn secured(
        &self,
        options: &mut ClientOptions,
        failures: &Arc<Failures>,
    ) -> Result<Option<Relay>, Error> {
        let mut relay = None;
        if let Some(tls) = &self.settings.tls {
            options.tls = Some(Tls::Disabled);
            if tls.enabled {
                relay = self.relay(tls, options, failures).await?;
                match &relay {
                    Some(relay) => options.socks5_proxy = Some(relay.proxy()),
                    None => options.tls = Some(Tls::Enabled(tls::for_driver(tls)?)),
                }
            }
        }
        let login = self.login(options);
        if relay.is_none() && (login.is_some() || self.settings.proxy.is_some()) {
            let opened = Relay::open(None, login, self.route(options), Arc::clone(failures)).await?;
            options.socks5_proxy = Some(opened.proxy());
            relay = Some(opened);
        }
        Ok(relay)
    }

    fn route(&self, options: &ClientOptions) -> Route {
        Route {
            proxy: self.settings.proxy.clone(),
            limit: options.connect_timeout.unwrap_or(DEFAULT_CONNECT_TIMEOUT),
        }
    }

    /// How the relay logs in, where the driver cannot.
    fn login(&self, options: &ClientOptions) -> Option<Login> {
        self.settings.credential.as_ref()?.signatures.as_ref()?;
        Some(Login::new(Arc::clone(&self.login_questions), self.route(options).limit))
    }

    /// A relay if the relay logs in, or if the driver's own TLS is not what the settings ask for or the servers need.
    async fn relay(
        &self,
        tls: &settings::Tls,
        options: &ClientOptions,
        failures: &Arc<Failures>,
    ) -> Result<Option<Relay>, Error> {
        let route = self.route(options);
        let login = self.login(options);
        let needed = login.is_some()
            || tls::exceeds_driver(tls)
            || (tls.ca_file.is_some()
                && tls.allow_invalid_certificates != Some(true)
                && probe::needs_leniency(
                    &options.hosts,
                    tls,
                    &route,
                    self.settings.server_selection_timeout(),
                )
                .await?);
        if !needed {
            return Ok(None);
        }
        let handshake = trust::handshake(tls)?;
        Relay::open(Some(handshake), login, route, Arc::clone(failures)).await.map(Some)
    }
}

/// One connection, opened when it is needed.
fn for_streams(mut options: ClientOptions) -> ClientOptions {
    options.min_pool_size = Some(0);
    options.max_pool_size = None;
    options
}
