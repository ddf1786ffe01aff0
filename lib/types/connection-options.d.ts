import { ReadConcernLevel, ReadPreferenceMode } from './concerns';

/** PEM text, its bytes, or several of either. */
export type Pem = string | Uint8Array | ReadonlyArray<string | Uint8Array>;

/** Tags that a member must carry, such as `{ dc: 'east' }`. */
export interface TagSet {
  [tag: string]: string;
}

/** A read preference with its details, such as a `ReadPreference`. */
export interface ReadPreferenceLike {
  /** Which members, and in which order. */
  mode: ReadPreferenceMode;
  /** Tried in order; the first set that members match decides. */
  tags?: TagSet[] | undefined;
  /** Seconds a secondary may be behind. At least 90. */
  maxStalenessSeconds?: number | undefined;
}

/** What a write waits for. */
export interface WriteConcernLike {
  /** Members that must have the write, `'majority'`, or the name of a custom concern. */
  w?: number | 'majority' | (string & {}) | undefined;
  /** Milliseconds to wait for them. */
  wtimeoutMS?: number | undefined;
  /** The same as `wtimeoutMS`, in milliseconds. */
  wtimeout?: number | undefined;
  /** Whether the write must be in the journal. */
  journal?: boolean | undefined;
  /** The same as `journal`. */
  j?: boolean | undefined;
  /** The same as `journal`, under its oldest name. */
  fsync?: boolean | 1 | undefined;
}

/** The versioned API that the server holds the client to. */
export interface ServerApi {
  /** The version. */
  version: '1' | (string & {});
  /** Refuse commands that are not part of the version. */
  strict?: boolean | undefined;
  /** Refuse commands that are deprecated in the version. */
  deprecationErrors?: boolean | undefined;
}

/** Ways to authenticate. The last two are refused. */
export type AuthMechanism =
  | 'DEFAULT' | 'SCRAM-SHA-1' | 'SCRAM-SHA-256' | 'MONGODB-X509' | 'PLAIN'
  | 'MONGODB-AWS' | 'MONGODB-OIDC' | 'MONGODB-CR' | 'GSSAPI';

/**
 * Settings of a connection: the Node driver's `MongoClientOptions`, as far as they mean something here.
 * They win over the same options in the connection string. All times are in milliseconds, unless the name
 * says otherwise. An option that is unknown, or that has no meaning here but would have there, is refused with a
 * MongoParseError.
 */
export interface ConnectionOptions extends PoolOptions, TimeoutOptions, TopologyOptions, ConcernOptions,
  CredentialOptions, TlsOptions, WireOptions, InertOptions {}

/** The connection pool. Stores with equal settings share one pool in a process. */
export interface PoolOptions {
  /** The most connections to one server; 0 for no limit. @defaultValue `100` */
  maxPoolSize?: number | undefined;
  /** The same as `maxPoolSize`, under its older name. */
  poolSize?: number | undefined;
  /** Connections to one server that are kept open. @defaultValue `0` */
  minPoolSize?: number | undefined;
  /** The same as `minPoolSize`, under its older name. */
  minSize?: number | undefined;
  /** Connections to one server that may be in the making at the same time. @defaultValue `2` */
  maxConnecting?: number | undefined;
  /** Milliseconds after which an unused connection is closed; 0 for never. @defaultValue `0` */
  maxIdleTimeMS?: number | undefined;
  /** Milliseconds an operation waits for a free connection, counted as part of its time; 0 for no limit. @defaultValue `0` */
  waitQueueTimeoutMS?: number | undefined;
}

/** How long things may take. */
export interface TimeoutOptions {
  /** Milliseconds until an operation without a usable server fails. @defaultValue `30000` */
  serverSelectionTimeoutMS?: number | undefined;
  /** Milliseconds that making a connection may take; 0 for no limit. @defaultValue `30000` */
  connectTimeoutMS?: number | undefined;
  /**
   * Milliseconds to wait for a server's answer; 0 for no limit. An operation ends after this and
   * `serverSelectionTimeoutMS` together.
   *
   * @defaultValue `0`
   */
  socketTimeoutMS?: number | undefined;
  /** Milliseconds that an operation may take in all, retries included; 0 for no limit. */
  timeoutMS?: number | undefined;
  /** Milliseconds between two checks of a server; less than 500 means 500. @defaultValue `10000` */
  heartbeatFrequencyMS?: number | undefined;
  /** Milliseconds that a server may be slower than the nearest one and still be chosen. @defaultValue `15` */
  localThresholdMS?: number | undefined;
}

/** Which servers. */
export interface TopologyOptions {
  /** The replica set's name. */
  replicaSet?: string | undefined;
  /** The same as `replicaSet`, under an older name. */
  replSet?: string | undefined;
  /** The same as `replicaSet`, under an older name. */
  rs_name?: string | undefined;
  /** The database of `client.db()`. @defaultValue the one of the connection string, else `'test'` */
  dbName?: string | undefined;
  /** Talk to the one host of the connection string, whatever it is part of. @defaultValue `false` */
  directConnection?: boolean | undefined;
  /** The host is a load balancer. Taken from the connection string only. @defaultValue `false` */
  loadBalanced?: boolean | undefined;
  /** The most hosts taken from a `mongodb+srv://` record; 0 for all. @defaultValue `0` */
  srvMaxHosts?: number | undefined;
  /** The service name of a `mongodb+srv://` record. @defaultValue `'mongodb'` */
  srvServiceName?: string | undefined;
  /** How servers are watched. @defaultValue `'auto'` */
  serverMonitoringMode?: 'auto' | 'poll' | 'stream' | undefined;
  /** A SOCKS5 proxy to connect through. */
  proxyHost?: string | undefined;
  /** The proxy's port. @defaultValue `1080` */
  proxyPort?: number | undefined;
  /** The user's name at the proxy. */
  proxyUsername?: string | undefined;
  /** The user's password at the proxy. */
  proxyPassword?: string | undefined;
}

/** What reads may see and writes wait for, and whether they are tried again. */
export interface ConcernOptions {
  /** Which members serve reads. @defaultValue `'primary'` */
  readPreference?: ReadPreferenceMode | ReadPreferenceLike | undefined;
  /** Tags for `readPreference`. */
  readPreferenceTags?: TagSet[] | undefined;
  /** Seconds a secondary may be behind and still serve reads. At least 90. */
  maxStalenessSeconds?: number | undefined;
  /** What reads may see. @defaultValue the server's */
  readConcern?: ReadConcernLevel | { level?: ReadConcernLevel | (string & {}) | undefined } | undefined;
  /** The same as `readConcern: { level }`. */
  readConcernLevel?: ReadConcernLevel | (string & {}) | undefined;
  /** What writes wait for. @defaultValue the server's */
  writeConcern?: WriteConcernLike | 'majority' | (string & {}) | undefined;
  /** The same as `writeConcern: { w }`. */
  w?: number | 'majority' | (string & {}) | undefined;
  /** The same as `writeConcern: { wtimeoutMS }`, in milliseconds. */
  wtimeoutMS?: number | undefined;
  /** The same as `wtimeoutMS`, in milliseconds, under its older name. */
  wtimeout?: number | undefined;
  /** The same as `writeConcern: { journal }`. */
  journal?: boolean | undefined;
  /** The same as `journal`. */
  j?: boolean | undefined;
  /** The same as `journal`, under its oldest name. */
  fsync?: boolean | undefined;
  /** Whether reads are tried again after a network error. @defaultValue `true` */
  retryReads?: boolean | undefined;
  /**
   * Whether an application's writes are retryable. A store's writes are tried again either way: they can be
   * repeated without harm.
   *
   * @defaultValue `true`
   */
  retryWrites?: boolean | undefined;
}

/** An account of AWS, as the AWS SDK's functions promise it. */
export interface AwsCredentials {
  /** Whose it is. */
  accessKeyId: string;
  /** Signs, and is never sent. */
  secretAccessKey: string;
  /** Of temporary credentials. */
  sessionToken?: string | undefined;
}

/** Who is connecting. */
export interface CredentialOptions {
  /** Name and password; those in the connection string are replaced. */
  auth?: { username?: string | undefined; password?: string | undefined } | undefined;
  /** The database that knows the user. @defaultValue the database of the connection string, else `'admin'` */
  authSource?: string | undefined;
  /** @defaultValue what the server prefers of SCRAM */
  authMechanism?: AuthMechanism | undefined;
  /** Details of the mechanism, such as `AWS_SESSION_TOKEN`. */
  authMechanismProperties?: {
    /** Gives the account of `MONGODB-AWS` that logs in; called for each connection, on the thread that opened the store. */
    AWS_CREDENTIAL_PROVIDER?: (() => Promise<AwsCredentials>) | undefined;
    [name: string]: any;
  } | undefined;
}

/** Encryption of the connection. Files are PEM; texts in memory are used instead of files. */
export interface TlsOptions {
  /** Whether to use TLS. @defaultValue `false`; `true` with `mongodb+srv://` */
  tls?: boolean | undefined;
  /** The same as `tls`. */
  ssl?: boolean | undefined;
  /** Path of the certificates of the authorities to trust. @defaultValue those that Node.js trusts */
  tlsCAFile?: string | undefined;
  /** Path of the client's certificate and key in one file. */
  tlsCertificateKeyFile?: string | undefined;
  /** The same as `tlsCertificateKeyFile`, under its older name. */
  tlsCertificateFile?: string | undefined;
  /** The password of the key in `tlsCertificateKeyFile`. */
  tlsCertificateKeyFilePassword?: string | undefined;
  /**
   * Accept any certificate. Insecure: anyone on the way can read and change everything.
   *
   * @defaultValue `false`; `true` where the environment has `NODE_TLS_REJECT_UNAUTHORIZED=0`
   */
  tlsAllowInvalidCertificates?: boolean | undefined;
  /**
   * Accept a certificate for another host name; its authority and its dates are still checked. Insecure.
   *
   * @defaultValue `false`
   */
  tlsAllowInvalidHostnames?: boolean | undefined;
  /** Both of the above. Insecure. @defaultValue `false` */
  tlsInsecure?: boolean | undefined;
  /** Certificates of the authorities to trust. */
  ca?: Pem | undefined;
  /** The client's certificate. */
  cert?: Pem | undefined;
  /** The client's private key. */
  key?: Pem | ReadonlyArray<string | Uint8Array | { pem: string | Uint8Array; passphrase?: string | undefined }> | undefined;
  /** The client's certificate and key: one Buffer of PKCS #12, encrypted with AES as OpenSSL 3 does. Types of Node allow more. */
  pfx?: Pem | ReadonlyArray<string | Uint8Array | { buf: string | Uint8Array; passphrase?: string | undefined }> | undefined;
  /** The password of the key in `key` or `pfx`. */
  passphrase?: string | undefined;
  /** `false` is the same as `tlsAllowInvalidCertificates: true`. @defaultValue `true` */
  rejectUnauthorized?: boolean | undefined;
  /** Path of lists of revoked certificates: one of each authority in the server's chain, or the server is refused. */
  tlsCRLFile?: string | undefined;
  /** The lists in `tlsCRLFile`, as text. */
  crl?: Pem | undefined;
  /** Trust a server's own certificate in `ca` without its authority. @defaultValue `false` */
  allowPartialTrustChain?: boolean | undefined;
  /** The name to ask the server for, and to find in its certificate. @defaultValue the host's */
  servername?: string | undefined;
  /**
   * Only a function that finds no fault with any certificate, for `tlsAllowInvalidHostnames: true`. One that decides is refused.
   */
  checkServerIdentity?: ((hostname: string, certificate: any) => Error | undefined) | undefined;
  /** The same as `ca`, under its older name. */
  sslCA?: Pem | undefined;
  /** The same as `cert`, under its older name. */
  sslCert?: Pem | undefined;
  /** The same as `key`, under its older name. */
  sslKey?: Pem | undefined;
  /** The same as `passphrase`, under its older name. */
  sslPass?: string | undefined;
  /** The same as `rejectUnauthorized`, under its older name. @defaultValue `true` */
  sslValidate?: boolean | undefined;
}

/** What is said to the server. */
export interface WireOptions {
  /** A name for the server's log. At most 128 bytes. */
  appName?: string | undefined;
  /** Compressors to offer, in order of preference. @defaultValue none */
  compressors?: ReadonlyArray<'none' | 'snappy' | 'zlib' | 'zstd'> | string | undefined;
  /** zlib's level, -1 to 9. @defaultValue zlib's own */
  zlibCompressionLevel?: number | undefined;
  /** Leave out properties that are `undefined`, instead of storing `null`. The store's `undefinedAs` wins for sessions. @defaultValue `false` */
  ignoreUndefined?: boolean | undefined;
  /** Store functions, as code. @defaultValue `false` */
  serializeFunctions?: boolean | undefined;
  /** Read numbers as plain numbers, not as `Int32` and `Double`. @defaultValue `true` */
  promoteValues?: boolean | undefined;
  /** Read 64-bit integers as numbers where they fit, not always as `Long`. @defaultValue `true` */
  promoteLongs?: boolean | undefined;
  /** Read binary data as Buffer, not as `Binary`. @defaultValue `false` */
  promoteBuffers?: boolean | undefined;
  /** Read 64-bit integers as bigint; not together with `promoteLongs: false`. @defaultValue `false` */
  useBigInt64?: boolean | undefined;
  /** Read regular expressions as `BSONRegExp`. @defaultValue `false` */
  bsonRegExp?: boolean | undefined;
  /** Accepted, without effect: so it is with sessions in the Node driver. */
  checkKeys?: boolean | undefined;
  /** Names of arrays whose documents are read as bytes. */
  fieldsAsRaw?: { [name: string]: boolean } | undefined;
  /** The versioned API to ask for. @defaultValue none */
  serverApi?: ServerApi | '1' | undefined;
  /** The same as `driverInfo: { name }`. */
  name?: string | undefined;
  /** What wraps the driver, for the server's log. */
  driverInfo?: { name?: string | undefined; version?: string | undefined; platform?: string | undefined } | undefined;
}

/** Options of the Node driver, of any age, that are accepted and change nothing here. */
export interface InertOptions {
  /** No effect since version 4 of the Node driver. */
  useNewUrlParser?: boolean | undefined;
  /** No effect since version 4 of the Node driver. */
  useUnifiedTopology?: boolean | undefined;
  /** No effect on native commands, which diagnostics channels tell of; those that are forwarded to the Node driver have its events. */
  monitorCommands?: boolean | undefined;
  /** No effect: connections never wait before they send. */
  noDelay?: boolean | undefined;
  /** No effect: connections are kept alive. */
  keepAlive?: boolean | undefined;
  /** No effect: connections are kept alive. */
  keepAliveInitialDelay?: number | undefined;
  /** No effect: connections are replaced as needed. */
  autoReconnect?: boolean | undefined;
  /** No effect: connections are replaced as needed. */
  reconnectTries?: number | undefined;
  /** No effect: connections are replaced as needed. */
  reconnectInterval?: number | undefined;
  /** No effect: operations wait for `serverSelectionTimeoutMS`. */
  bufferMaxEntries?: number | undefined;
  /** No effect: IPv4 and IPv6 addresses are tried, and the first that answers is used. */
  family?: number | undefined;
  /** No effect: IPv4 and IPv6 addresses are tried. */
  autoSelectFamily?: boolean | undefined;
  /** No effect: IPv4 and IPv6 addresses are tried. */
  autoSelectFamilyAttemptTimeout?: number | undefined;
  /** No effect: both kinds of addresses are asked for. */
  hints?: number | undefined;
  /** No effect: fixed at 500. */
  minHeartbeatFrequencyMS?: number | undefined;
  /** No effect: there are no such buffers. */
  minInternalBufferSize?: number | undefined;
  /** No effect: session ids are strings. */
  forceServerObjectId?: boolean | undefined;
  /** No effect: text is always valid. */
  enableUtf8Validation?: boolean | undefined;
  /** No effect: MongoDB does not negotiate protocols. */
  ALPNProtocols?: unknown;
  /** No effect: it is for servers. */
  SNICallback?: unknown;
  /** No effect: it is for servers. */
  requestCert?: boolean | undefined;
  /** No effect: revocation is not checked. */
  requestOCSP?: boolean | undefined;
  /** No effect: TLS sessions are resumed as the server allows. */
  session?: unknown;
  /** No effect: a debugging aid of Node. */
  enableTrace?: boolean | undefined;
}
