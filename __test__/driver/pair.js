'use strict';

/** The same call on the Node driver and on the facade, each on a database of its own of one server. */

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const { isDeepStrictEqual } = require('node:util');
const mongodb = require('mongodb');
const facade = require('../../lib/driver');
const { mongoUri } = require('../support/server');
const { describeValue } = require('./describe-value');
const { describeCommand, recordCommands } = require('./sent-commands');

const SIDES = { node: mongodb, ours: facade };

/**
 * Call within `describe`. Connects before, drops both databases and closes everything after.
 *
 * @param {{query?: string, uri?: function(): Promise<string>}} [setting] `query` for the URI of both,
 *   `uri` for another server than the shared one
 * @returns {Pair}
 */
function usePair(setting = {}) {
  const pair = new Pair(setting);
  before('connect both drivers', () => pair.start());
  after('drop both databases', () => pair.stop());
  return pair;
}

class Pair {
  constructor({ query = '', uri = mongoUri }) {
    this.query = query;
    this.findUri = uri;
    this.serial = 0;
    for (const name of ['same', 'refused', 'both']) this[name] = this[name].bind(this);
  }

  async start() {
    const uri = await this.findUri();
    const asked = this.query ? `${uri}${uri.includes('?') ? '&' : '?'}${this.query}` : uri;
    const base = `facade_${process.pid}_${crypto.randomBytes(3).toString('hex')}`;
    this.witness = await new mongodb.MongoClient(uri).connect();
    this.sides = {};
    for (const [side, driver] of Object.entries(SIDES)) {
      const client = await new driver.MongoClient(asked, { monitorCommands: true }).connect();
      // Names of one length: they take part in sizes and messages.
      const database = `${base}_${side}`;
      const context = { side, driver, client, database, db: client.db(database) };
      this.sides[side] = { ...context, commands: recordCommands(context) };
    }
  }

  async stop() {
    const sides = Object.values(this.sides ?? {});
    try {
      for (const { database } of sides) await this.witness.db(database).dropDatabase();
    } finally {
      await Promise.all([...sides.map(({ client }) => client.close()), this.witness?.close()]);
    }
  }

  /**
   * Runs `call` on both sides on equal collections.
   *
   * @param {object[]} seed the documents that are there before
   * @param {function({collection, db, client, driver, name, witness}): *} call
   * @returns {Promise<{node: object, ours: object}>} each `{ value }` or `{ error }`, as it was
   *   thrown or returned, and `outcome`: the same described, with what was sent and what is stored then
   */
  async both(seed, call) {
    const name = `c${++this.serial}`;
    const result = {};
    for (const [side, context] of Object.entries(this.sides)) {
      const witness = this.witness.db(context.database);
      if (seed.length > 0) await witness.collection(name).insertMany(seed.map((document) => ({ ...document })));
      context.commands.length = 0;
      const ended = await run(() => call({ ...context, name, witness, collection: context.db.collection(name) }));
      const left = await witness.collection(name).find({}, { raw: true }).toArray();
      const { value, error } = ended;
      result[side] = {
        ...ended,
        outcome: {
          [ended.failed ? 'error' : 'value']: describeValue(ended.failed ? error : value, context.database),
          synchronous: ended.synchronous,
          // Once each: the Node driver may send one again.
          sent: withoutRepeats(context.commands.map((command) => describeCommand(command, context.database))),
          left: left.map((document) => Buffer.from(document).toString('hex'))
        }
      };
    }
    return result;
  }

  /** A test: both sides send and return the same and leave the same documents. */
  same(title, seed, call) {
    it(title, async () => {
      const { node, ours } = await this.both(seed, call);
      if (node.failed) throw node.error;
      assert.deepEqual(ours.outcome, node.outcome);
    });
  }

  /** A test: both sides send the same, fail in the same way and leave the same documents. */
  refused(title, seed, call) {
    it(title, async () => {
      const { node, ours } = await this.both(seed, call);
      assert.ok(node.failed, `the Node driver took it and returned ${JSON.stringify(node.value)}`);
      assert.deepEqual(ours.outcome, node.outcome);
    });
  }
}

function withoutRepeats(commands) {
  return commands.filter((command, index) => !isDeepStrictEqual(command, commands[index - 1]));
}

async function run(call) {
  let returned;
  try {
    returned = call();
  } catch (error) {
    return { failed: true, error, synchronous: true };
  }
  try {
    return { failed: false, value: await returned, synchronous: false };
  } catch (error) {
    return { failed: true, error, synchronous: false };
  }
}

module.exports = { usePair };
