'use strict';

/** Measures whole apps: Express and express-session with each store, under load. */

const path = require('path');
const { Child } = require('../child');
const { asText, makeSessions } = require('../sessions');
const { rotated, summarize } = require('../summary');

const FRAMEWORKS = { express4: 'Express 4', express5: 'Express 5' };
const PACKAGES = { express4: 'express4', express5: 'express' };
const SAMPLE = 50;

/** express-session's own store stands for no database at all. */
const MEMORY = { id: 'memory', label: 'MemoryStore (no database)', packageName: null };

const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/**
 * Measures one app with every contestant.
 *
 * @param {{server: Server, contestants: Contestant[], options: object, progress: function(string): void}} context
 *   `options`: `rounds`, `appWarmupMs`, `appMeasureMs`, `connections`, `visitors`, `pool`
 * @param {{framework: string, size: number}} app
 * @returns {Promise<object[]>} one result for requests that only read the session, one for those that save it
 */
async function measureApp(context, { framework, size }) {
  const { server, contestants, options, progress } = context;
  const { templates, bytes } = makeSessions(size, 64);
  const all = [...contestants.filter(({ packageName, only }) => packageName !== null && !only), MEMORY];
  const racers = all.map((one) => ({
    one,
    templates,
    database: `bench_${process.pid}_app_${one.id.replaceAll('-', '_')}`,
    app: new Child(path.join(__dirname, 'server.js'), `the app with ${one.label}`),
    clients: new Child(path.join(__dirname, 'clients.js'), `the clients of the app with ${one.label}`)
  }));
  try {
    for (const racer of racers) {
      progress(`${FRAMEWORKS[framework]}, ${bytes} B: sessions of ${racer.one.label}`);
      await open(context, racer, framework);
    }
    const results = [];
    for (const [number, kind] of ['read', 'save'].entries()) {
      const rounds = new Map(racers.map((racer) => [racer, []]));
      for (let round = 0; round < options.rounds; round++) {
        progress(`${FRAMEWORKS[framework]}, ${bytes} B: ${kind}, round ${round + 1} of ${options.rounds}`);
        for (const racer of rotated(racers, round)) {
          rounds.get(racer).push(await measureOnce(context, racer, { kind, seed: 1 + number * 1000 + round }));
        }
      }
      results.push({
        framework: FRAMEWORKS[framework],
        kind,
        bytes,
        connections: options.connections,
        visitors: options.visitors,
        topology: server.description,
        contestants: Object.fromEntries(racers.map((racer) => [racer.one.id, {
          label: racer.one.label,
          verified: rounds.get(racer).length,
          figures: summarize(rounds.get(racer))
        }]))
      });
    }
    return results;
  } finally {
    await Promise.all(racers.flatMap(({ app, clients }) => [clients.stop(), app.stop()]));
    await Promise.all(racers.map(({ database }) => server.drop(database)));
  }
}

async function open({ server, options }, { one, database, templates, app, clients }, framework) {
  const { connections, visitors, pool } = options;
  const id = one === MEMORY ? null : one.id;
  const port = await app.call('open', { framework: PACKAGES[framework], id, templates, uri: server.uri, database, pool });
  await clients.call('login', { port, connections, count: visitors });
}

async function measureOnce({ server, options }, racer, { kind, seed }) {
  const { one, app, clients, database, templates } = racer;
  const { connections, visitors, appWarmupMs, appMeasureMs } = options;
  const before = await server.cpuMs();
  await clients.call('begin', { kind, connections, seed });
  await sleep(appWarmupMs);
  await Promise.all([app.call('start'), clients.call('start')]);
  await sleep(appMeasureMs);
  const [served, seen] = await Promise.all([app.call('end'), clients.call('end')]);
  const requests = await clients.call('stop');
  const spent = (await server.cpuMs()) - before;
  if (one !== MEMORY) await verify(server, database, visitors, templates, await clients.call('sample', { count: SAMPLE }));
  const serverUsPerOp = one === MEMORY ? NaN : (spent * 1000) / requests;
  return { ...seen, ...served, serverUsPerOp };
}

/** The server holds every visitor's session, and what visitors see is what is stored. */
async function verify(server, database, visitors, templates, sample) {
  const expected = sample.map(({ sid, visitor, requests }) => {
    const content = templates[visitor % templates.length];
    return { sid, text: asText({ ...content, cookie: {}, visitor, requests }) };
  });
  await server.verify(database, visitors, expected, { withoutCookie: true });
}

module.exports = { FRAMEWORKS, MEMORY, measureApp };
