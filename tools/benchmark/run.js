'use strict';

const os = require('os');
const { measureApp } = require('./app');
const { contestant, versionOf } = require('./contestants');
const { measureFootprints } = require('./footprint');
const { MAIN_THREAD_SOURCE } = require('./measure');
const { Server } = require('./server');
const { measureStores } = require('./stores');
const { settings } = require('./suites');
const { build } = require('./wire');

/**
 * Measures all that is asked for, on one server.
 *
 * @param {object} options of `parse`
 * @param {function(string): void} progress
 * @returns {Promise<object>} the results, as they are written to JSON
 * @throws {Error} as soon as one answer, count or stored session is wrong
 */
async function run(options, progress) {
  const { suite, contestants } = options;
  progress('starting MongoDB');
  const server = await Server.start({ members: options.members });
  try {
    const wire = suite.wireLimit ? await wireProgram(server, progress) : undefined;
    const context = { server, contestants, options, progress, wire };
    const startedAt = Date.now();
    const footprints = suite.footprint ? await measureFootprints(context) : {};
    const stores = [];
    for (const { size, delayMs, scenarios } of settings(suite.stores)) {
      stores.push(...await measureStores(context, { size, delayMs, sids: options.sids }, scenarios));
    }
    const apps = [];
    for (const { framework, sizes } of suite.apps) {
      for (const size of sizes) apps.push(...await measureApp(context, { framework, size }));
    }
    return {
      takenAt: new Date(startedAt).toISOString(),
      arguments: options.arguments,
      minutes: (Date.now() - startedAt) / 60_000,
      machine: machine(),
      versions: { node: process.versions.node, mongod: server.version },
      topology: server.description,
      method: { ...method(options), generator: await generatorAlone(context) },
      contestants: contestants.map((one) => ({ id: one.id, label: one.label, version: versionOf(one) })),
      footprints,
      stores,
      apps
    };
  } finally {
    await server.stop();
  }
}

/** The program that plays wire messages; undefined, after saying why, where it cannot be had or used. */
async function wireProgram(server, progress) {
  if (!server.address) {
    progress('the wire limit is not measured: that takes a single node without TLS and credentials');
    return undefined;
  }
  progress('building what measures the wire limit');
  try {
    return await build();
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    progress('the wire limit is not measured: that takes Rust');
    return undefined;
  }
}

/** What the load generator itself spends, on the main thread and in every contestant's figures. */
async function generatorAlone(context) {
  const alone = { ...context, contestants: [contestant('harness')], progress: () => {}, wire: undefined };
  const scenarios = ['get', 'set'].map((operation) => ({ operation, concurrency: 64 }));
  const results = await measureStores(alone, { size: 300, delayMs: 0, sids: 1000 }, scenarios);
  return Object.fromEntries(results.map(({ operation, contestants: { harness } }) => [operation, harness.figures.mainUsPerOp.median]));
}

function machine() {
  const cpus = os.cpus();
  return {
    cpu: cpus[0]?.model.trim() ?? os.arch(),
    cores: cpus.length,
    memoryGB: os.totalmem() / 2 ** 30,
    system: `${os.type()} ${os.release()} ${os.arch()}`
  };
}

function method({ rounds, measureMs, warmupMs, pool, appMeasureMs }) {
  return { rounds, measureMs, warmupMs, appMeasureMs, pool: pool ?? null, mainThread: MAIN_THREAD_SOURCE };
}

module.exports = { run };
