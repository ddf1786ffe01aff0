#!/usr/bin/env node
'use strict';

/**
 * A real MongoDB for tests, the example and the benchmarks.
 *
 * `node tools/mongod [--replica-set N]` runs one until Ctrl-C and prints its URI;
 * `node tools/mongod -- COMMAND …` runs a command with `MONGODB_URI` naming one.
 */

const { spawn } = require('child_process');
const { once } = require('events');

const { findMongod } = require('./binary');
const { ReplicaSet } = require('./replica-set');
const { MongodServer } = require('./server');

const OWN_SERVER = ['replicaSet', 'args', 'port', 'dbPath', 'own'];
/** Once a minute a server removes what has expired: also what a test has just stored as expired, and is about to look at. */
const KEEPS_EXPIRED = ['--setParameter', 'ttlMonitorEnabled=false'];

/** A server that someone else runs. */
function external(uri) {
  return { uri, external: true, stop: async () => {} };
}

/**
 * Starts a server, or gives the one that `MONGODB_URI` names unless the options ask for an own one.
 *
 * It listens on a free port of 127.0.0.1, keeps its data in a temporary directory, and ends with the
 * process that started it, whatever ends that.
 *
 * @param {object} [options]
 * @param {string|boolean} [options.replicaSet] a replica set, of this name
 * @param {number} [options.members] of the replica set; default 3
 * @param {number} [options.electionTimeoutMS] how long its primary may say nothing, once it has one; default 1,500
 * @param {string[]} [options.args] further arguments of mongod
 * @param {number} [options.port] default a free one
 * @param {string} [options.dbPath] default a temporary directory; a given one is kept
 * @param {boolean} [options.own] never use `MONGODB_URI`
 * @param {boolean} [options.keepsExpired] a server that is started here removes nothing by itself, however old
 * @returns {Promise<{uri: string, port: number, pid: number, stop: function(): Promise<void>}>}
 * @throws {Error} when there is no mongod to be had, or it does not start
 */
async function startMongod(options = {}) {
  const { MONGODB_URI } = process.env;
  if (MONGODB_URI && !OWN_SERVER.some((name) => options[name])) return external(MONGODB_URI);
  const { replicaSet, members = 3, keepsExpired } = options;
  const each = keepsExpired ? { ...options, args: [...(options.args ?? []), ...KEEPS_EXPIRED] } : options;
  if (!replicaSet) return new MongodServer(each).start();
  return new ReplicaSet(typeof replicaSet === 'string' ? replicaSet : 'rs0', members, each).start();
}

/**
 * Runs `work` with a server that is stopped afterwards.
 *
 * @param {object} options of {@link startMongod}
 * @param {function(object): Promise<*>} work
 * @returns {Promise<*>} what `work` gives
 */
async function withMongod(options, work) {
  const server = await startMongod(options);
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

async function run([command, ...args], env) {
  const child = spawn(command, args, { stdio: 'inherit', env });
  const [code] = await once(child, 'exit');
  return code ?? 1;
}

async function main(args) {
  if (args.includes('--print-binary')) {
    console.log(await findMongod());
    return;
  }
  const command = args.includes('--') ? args.slice(args.indexOf('--') + 1) : null;
  if (command !== null) {
    process.exitCode = await withMongod({}, ({ uri }) => run(command, { ...process.env, MONGODB_URI: uri }));
    return;
  }
  const at = args.indexOf('--replica-set');
  const members = at < 0 ? 0 : Number(args[at + 1] ?? 3);
  const server = await startMongod({ own: true, ...(members > 0 && { replicaSet: true, members }) });
  console.log(server.uri);
  const keepAlive = setInterval(() => {}, 0x7fffffff);
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, async () => {
      clearInterval(keepAlive);
      await server.stop();
    });
  }
}

module.exports = { startMongod, withMongod };

if (require.main === module) {
  main(process.argv.slice(2)).catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
