'use strict';

/**
 * The practical limit: what the server of this run does for a program that only sends prebuilt
 * messages and counts answers.
 */

const { execFile } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { promisify } = require('util');
const { messagesOf } = require('./messages');

const ROOT = path.join(__dirname, '..', '..', '..');
const FILL_BATCH = 32;
/** As many commands as the store has under way on a near server. */
const COMMANDS = 2;

const run = promisify(execFile);

/**
 * Builds the program.
 *
 * @returns {Promise<string>} its path
 * @throws {Error} without Rust
 */
async function build() {
  const args = ['build', '--release', '--locked', '--example', 'wire', '--message-format=json'];
  const { stdout } = await run('cargo', args, { cwd: ROOT, maxBuffer: 1 << 26 });
  const artifacts = stdout.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  return artifacts.findLast(({ target, executable }) => target?.name === 'wire' && executable).executable;
}

/** A collection of its own, on one server, and the program that plays messages to it. */
class WireLimit {
  /**
   * @param {string} program
   * @param {string} address host and port
   * @param {{database: string, collection: string}} place
   * @param {object} made of `makeSessions`
   */
  constructor(program, address, place, made) {
    Object.assign(this, { program, address, place, made });
    this.directory = fs.mkdtempSync(path.join(os.tmpdir(), 'wire-'));
  }

  /**
   * Stores every session once, in a collection with the index that stores have.
   *
   * @param {MongoClient} client
   */
  async fill(client) {
    const { sids, templates, expires } = this.made;
    const collection = client.db(this.place.database).collection(this.place.collection);
    await collection.createIndex({ expires: 1 }, { expireAfterSeconds: 0 });
    for (let start = 0; start < sids.length; start += FILL_BATCH) {
      const documents = sids.slice(start, start + FILL_BATCH).map((_id, offset) => {
        return { _id, session: templates[(start + offset) % templates.length], expires: new Date(expires) };
      });
      await collection.insertMany(documents);
    }
  }

  /**
   * @param {{operation: string, concurrency: number, batched: boolean, seed: number}} scenario
   * @param {{warmupMs: number, measureMs: number}} plan
   * @returns {Promise<{operations: number, opsPerSecond: number}>}
   * @throws {Error} as soon as the server did not do what a message asks
   */
  async measure({ operation, concurrency, batched, seed }, { warmupMs, measureMs }) {
    const batch = batched ? Math.max(1, Math.floor(concurrency / COMMANDS)) : 1;
    const connections = batched ? Math.min(COMMANDS, concurrency) : concurrency;
    const { operations, measured, ms } = await this.play({ operation, batch, connections, seed }, warmupMs, measureMs);
    return { operations, opsPerSecond: (measured * 1000) / ms };
  }

  async play({ connections, ...scenario }, warmupMs, measureMs) {
    const file = path.join(this.directory, 'messages');
    fs.writeFileSync(file, messagesOf(this.place, this.made, scenario));
    const args = [file, this.address, connections, warmupMs, measureMs].map(String);
    return JSON.parse((await run(this.program, args)).stdout);
  }

  stop() {
    fs.rmSync(this.directory, { recursive: true, force: true });
  }
}

module.exports = { WireLimit, build };
