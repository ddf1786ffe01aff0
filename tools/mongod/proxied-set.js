'use strict';

/** A replica set of one that is known by another address than it listens on: whoever talks to it goes by a proxy. */

const { MongodServer } = require('./server');

const NAME = 'proxied';
const READY_MS = 30_000;
const POLL_MS = 50;

class ProxiedSet {
  /** @param {object} options of the member, as of {@link MongodServer} */
  constructor(options = {}) {
    this.member = new MongodServer({ ...options, args: ['--replSet', NAME, ...(options.args ?? [])] });
  }

  /**
   * @param {function(number): Promise<{port: number, close: function(): *}>} openProxy opens a proxy to this port of 127.0.0.1
   * @returns {Promise<ProxiedSet>} when it has a primary
   */
  async start(openProxy) {
    await this.member.start();
    try {
      this.proxy = await openProxy(this.member.port);
      await this.initiate();
    } catch (error) {
      await this.stop();
      throw error;
    }
    return this;
  }

  /** By way of the proxy. */
  get uri() {
    return `mongodb://127.0.0.1:${this.proxy.port}/?replicaSet=${NAME}`;
  }

  /** Past the proxy, for witnesses. */
  get directUri() {
    return `${this.member.uri}/?directConnection=true`;
  }

  async initiate() {
    const { MongoClient } = require('mongodb');
    const client = await new MongoClient(this.directUri).connect();
    try {
      const admin = client.db('admin');
      await admin.command({ replSetInitiate: { _id: NAME, members: [{ _id: 0, host: `127.0.0.1:${this.proxy.port}` }] } });
      for (const deadline = Date.now() + READY_MS; !(await admin.command({ hello: 1 })).isWritablePrimary;) {
        if (Date.now() > deadline) throw new Error(`there was no primary within ${READY_MS} ms`);
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    } finally {
      await client.close();
    }
  }

  async stop() {
    await this.proxy?.close();
    await this.member.stop();
  }
}

module.exports = { ProxiedSet };
