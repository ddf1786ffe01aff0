'use strict';

/** The MongoDB that everything is measured on: where it is, what it spent, what it holds. */

const { MongoClient } = require('mongodb');
const { startMongod } = require('../mongod');
const { COLLECTION } = require('./contestants');
const { startRelay } = require('./relay');
const { asText } = require('./sessions');

/** A server, or a replica set, that stays up for several measurements. */
class Server {
  /**
   * @param {{members?: number}} options `members` of a replica set with majority writes; default: a single node
   * @returns {Promise<Server>} started, or the one that `MONGODB_URI` names
   */
  static async start({ members = 0 }) {
    const server = new Server();
    server.mongod = await startMongod(members > 0 ? { replicaSet: 'bench', members } : {});
    try {
      await server.connect(members);
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  async connect(members) {
    const { uri, ports } = this.mongod;
    this.uri = members > 0 ? withOption(uri, 'w=majority') : uri;
    this.client = await MongoClient.connect(this.uri);
    // Each member counts: the work of majority writes is done by all of them.
    const each = (ports ?? []).map((port) => MongoClient.connect(`mongodb://127.0.0.1:${port}`, { directConnection: true }));
    this.members = members > 0 ? await Promise.all(each) : [this.client];
    const { version } = await this.client.db('admin').command({ buildInfo: 1 });
    this.version = version;
    this.description = members > 0 ? `replica set of ${members}, majority writes` : 'single node';
  }

  /**
   * @param {number} delayMs 0: without a relay
   * @returns {Promise<{uri: string, stop: function(): Promise<void>}>} how to get there with so much delay
   */
  async delayed(delayMs) {
    if (delayMs === 0) return { uri: this.uri, stop: async () => {} };
    const { me, hosts, primary } = await this.client.db('admin').command({ hello: 1 });
    const [host, port] = splitHost(primary ?? me ?? hosts?.[0] ?? firstHost(this.uri));
    const relay = await startRelay({ host, port }, delayMs);
    // Members are not discovered: what they are called is not behind the relay.
    const [, credentials = '', path = '/', query = ''] = /^mongodb:\/\/([^@/]*@)?[^/?]*(\/[^?]*)?(?:\?(.*))?$/.exec(this.uri);
    const kept = query.split('&').filter((option) => option && !/^replicaSet=/i.test(option));
    const options = [...kept, 'directConnection=true'].join('&');
    return { uri: `mongodb://${credentials}127.0.0.1:${relay.port}${path}?${options}`, stop: relay.stop };
  }

  /** Host and port of a single node that takes connections without TLS and credentials; else undefined. */
  get address() {
    if (this.members.length !== 1 || /@|tls=|ssl=|^mongodb\+srv:/.test(this.uri)) return undefined;
    const [host, port] = splitHost(firstHost(this.uri));
    return `${host}:${port}`;
  }

  /** @returns {Promise<number>} ms of CPU that all members spent so far; NaN where the server does not say */
  async cpuMs() {
    const status = { serverStatus: 1, metrics: 0, wiredTiger: 0, tcmalloc: 0, locks: 0, repl: 0 };
    const spent = this.members.map(async (client) => {
      const { extra_info: info } = await client.db('admin').command(status);
      return (Number(info?.user_time_us) + Number(info?.system_time_us)) / 1000;
    });
    return (await Promise.all(spent)).reduce((sum, ms) => sum + ms, 0);
  }

  /**
   * Compares what is stored with what must be.
   *
   * @param {string} database
   * @param {number} count of documents
   * @param {{sid: string, text: string, expires?: number}[]} expected
   * @param {{withoutCookie?: boolean}} [options] for sessions whose cookie is not known
   * @throws {Error} saying what differs
   */
  async verify(database, count, expected, { withoutCookie = false } = {}) {
    const collection = this.client.db(database).collection(COLLECTION);
    const counted = await collection.countDocuments();
    if (counted !== count) throw new Error(`${database} holds ${counted} sessions instead of ${count}`);
    const documents = await collection.find({ _id: { $in: expected.map(({ sid }) => sid) } }).toArray();
    const byId = new Map(documents.map((document) => [document._id, document]));
    for (const { sid, text, expires } of expected) {
      const { session, expires: stored } = byId.get(sid) ?? {};
      const content = typeof session === 'string' ? JSON.parse(session) : session;
      const got = content ? asText(withoutCookie ? { ...content, cookie: {} } : content) : 'nothing';
      if (got !== text) throw new Error(`${database} holds ${got.slice(0, 300)} instead of ${text.slice(0, 300)}`);
      if (expires !== undefined && stored?.getTime() !== expires) {
        throw new Error(`${database} holds a session that expires ${stored?.toISOString()} instead of ${new Date(expires).toISOString()}`);
      }
    }
  }

  async drop(database) {
    await this.client.db(database).dropDatabase();
  }

  async stop() {
    await Promise.all([this.client, ...(this.members ?? [])].map((client) => client?.close()));
    await this.mongod.stop();
  }
}

function withOption(uri, option) {
  return uri.includes('?') ? `${uri}&${option}` : `${uri}/?${option}`;
}

function splitHost(address) {
  const [, host, port = '27017'] = /^\[?([^\]]+?)\]?(?::(\d+))?$/.exec(address);
  return [host, Number(port)];
}

function firstHost(uri) {
  return /^mongodb:\/\/(?:[^@/]*@)?([^/?,]+)/.exec(uri)[1];
}

module.exports = { Server };
