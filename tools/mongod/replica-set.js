'use strict';

/** Several mongod processes as one replica set, with short timeouts for elections. */

const { MongodServer } = require('./server');

const SETTINGS = { electionTimeoutMillis: 1500, heartbeatIntervalMillis: 250 };
const READY_MS = 60_000;
const POLL_MS = 100;

class ReplicaSet {
  /**
   * @param {string} name
   * @param {number} count members
   * @param {object} options of each member
   */
  constructor(name, count, options) {
    this.name = name;
    this.electionTimeoutMS = options.electionTimeoutMS;
    const args = ['--replSet', name, ...(options.args ?? [])];
    this.members = Array.from({ length: count }, () => new MongodServer({ ...options, args }));
  }

  get ports() {
    return this.members.map((member) => member.port);
  }

  get port() {
    return this.members[0].port;
  }

  get pids() {
    return this.members.map((member) => member.pid);
  }

  get uri() {
    return `mongodb://${this.ports.map((port) => `127.0.0.1:${port}`).join(',')}/?replicaSet=${this.name}`;
  }

  async start() {
    try {
      await Promise.all(this.members.map((member) => member.start()));
      await this.initiate();
    } catch (error) {
      await this.stop();
      throw error;
    }
    return this;
  }

  async initiate() {
    const { MongoClient } = require('mongodb');
    const client = new MongoClient(this.members[0].uri, { directConnection: true });
    try {
      const members = this.ports.map((port, index) => ({ _id: index, host: `127.0.0.1:${port}` }));
      const config = { _id: this.name, members, settings: SETTINGS };
      await client.db('admin').command({ replSetInitiate: config });
      await waitUntil('the replica set has a primary and all members follow it', async () => {
        const { members: status } = await client.db('admin').command({ replSetGetStatus: 1 });
        const count = (state) => status.filter((member) => member.stateStr === state).length;
        return count('PRIMARY') === 1 && count('SECONDARY') === members.length - 1;
      });
      if (this.electionTimeoutMS) await this.elect(this.electionTimeoutMS);
    } finally {
      await client.close();
    }
  }

  /** From now on, a primary that says nothing for so long is replaced. */
  async elect(electionTimeoutMillis) {
    const { MongoClient } = require('mongodb');
    const client = new MongoClient(this.uri);
    try {
      const admin = client.db('admin');
      const { config } = await admin.command({ replSetGetConfig: 1 });
      await admin.command({ replSetReconfig: { ...config, version: config.version + 1, settings: { ...config.settings, electionTimeoutMillis } } });
    } finally {
      await client.close();
    }
  }

  /** @returns {Promise<MongodServer>} the member that is primary now */
  async primary() {
    let primary;
    await waitUntil('there is a primary', async () => {
      for (const member of this.members) {
        if (await isPrimary(member)) primary = member;
      }
      return primary !== undefined;
    });
    return primary;
  }

  async stop() {
    await Promise.all(this.members.map((member) => member.stop()));
  }
}

async function isPrimary(member) {
  const { MongoClient } = require('mongodb');
  const client = new MongoClient(member.uri, { directConnection: true, serverSelectionTimeoutMS: 500 });
  try {
    return (await client.db('admin').command({ hello: 1 })).isWritablePrimary;
  } catch {
    return false;
  } finally {
    await client.close();
  }
}

async function waitUntil(what, condition) {
  const deadline = Date.now() + READY_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited ${READY_MS} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

module.exports = { ReplicaSet };
