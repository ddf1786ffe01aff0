'use strict';

const os = require('os');
const { CONTESTANTS } = require('./contestants');
const { SCENARIOS } = require('./scenarios');

/**
 * Runs one scenario with one contestant after the other, or with all of them in turns where the scenario says so.
 *
 * @param {string} name
 * @param {{contestants: string[], form: 'short'|'long', given?: object, progress: function(string): void}} options
 *   `given` replaces options of the scenario's form
 * @returns {Promise<object>} the results, as they are written to JSON
 */
async function runScenario(name, { contestants, form, given = {}, progress }) {
  const { title, how, run, runTogether, compare, [form]: defaults } = SCENARIOS[name];
  const options = { ...defaults };
  for (const key of Object.keys(given)) {
    if (key in options) options[key] = given[key];
  }
  const startedAt = Date.now();
  const results = {};
  const context = (contestant) => ({ contestant, options, progress: (text) => progress(`${name}, ${CONTESTANTS[contestant].label}: ${text}`) });
  if (runTogether) Object.assign(results, await runTogether(contestants.map(context)));
  else for (const contestant of contestants) results[contestant] = await run(context(contestant));
  if (compare && results.ours && results.original) results.ours.checks.push(...compare(results, options));
  return {
    scenario: name,
    title,
    how,
    takenAt: new Date(startedAt).toISOString(),
    minutes: (Date.now() - startedAt) / 60_000,
    machine: { cpu: os.cpus()[0]?.model.trim() ?? os.arch(), cores: os.cpus().length, system: `${os.type()} ${os.release()} ${os.arch()}` },
    node: process.versions.node,
    form,
    options,
    contestants: results
  };
}

/** @returns {string} results for a terminal */
function asText({ title, contestants }) {
  return Object.entries(contestants).map(([id, { checks }]) => {
    const lines = checks.map(({ promise, held, detail }) => `  ${held ? 'held  ' : 'BROKEN'} ${promise}: ${detail}`);
    return [`${title}, ${CONTESTANTS[id].label}`, ...lines].join('\n');
  }).join('\n\n');
}

module.exports = { asText, runScenario };
