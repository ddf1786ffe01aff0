'use strict';

/** What each member of a replica set was asked, by its own profiler. */

const { eventually } = require('./stores');

class Members {
  /**
   * @param {object[]} clients the Node driver, connected to one member each
   * @param {string} database whose operations are recorded
   */
  constructor(clients, database) {
    this.clients = clients;
    this.database = database;
  }

  /** Starts to record on every member. */
  async record() {
    for (const client of this.clients) await client.db(this.database).command({ profile: 2 });
  }

  /**
   * @param {string} appName
   * @param {object} match of the profiler's documents
   * @returns {Promise<object[][]>} what was recorded, by member
   */
  asked(appName, match) {
    return Promise.all(this.clients.map((client) => {
      return client.db(this.database).collection('system.profile').find({ appName, ...match }).toArray();
    }));
  }

  /** The reads of sessions of `appName` by member. */
  async reads(appName) {
    const asked = await this.asked(appName, { op: 'query', 'command.find': 'sessions' });
    return asked.map((list) => list.length);
  }

  /** Gives every member a tag `dc` of its own: a, b, c. */
  async tag() {
    const primary = await this.primary();
    const { config } = await primary.db('admin').command({ replSetGetConfig: 1 });
    config.version++;
    config.members.forEach((member, index) => (member.tags = { dc: 'abc'[index] }));
    await primary.db('admin').command({ replSetReconfig: config });
    await eventually(async () => {
      const hellos = await this.hellos();
      return hellos.every(({ tags }) => tags?.dc);
    });
  }

  hellos() {
    return Promise.all(this.clients.map((client) => client.db('admin').command({ hello: 1 })));
  }

  /** @returns {Promise<number>} the primary's index */
  async primaryIndex() {
    let index;
    await eventually(async () => {
      index = (await this.hellos()).findIndex((hello) => hello.isWritablePrimary);
      return index >= 0;
    });
    return index;
  }

  async primary() {
    return this.clients[await this.primaryIndex()];
  }
}

module.exports = { Members };
