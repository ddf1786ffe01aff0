'use strict';

/** The command line. */

const { parseArgs } = require('util');
const { CONTESTANTS } = require('./contestants');
const { SCENARIOS } = require('./scenarios');

const HELP = `Usage: npm run torture -- [SCENARIO…] [options]

Runs this package and the original through faults, load and abuse, on MongoDB servers of its own, and says for
each which promises held. Without a SCENARIO: all of them, which takes about an hour.

Scenarios
${Object.entries(SCENARIOS).map(([name, { how }]) => `  ${name.padEnd(12)} ${how}`).join('\n')}
  memory       the Rust tests under valgrind, which it needs (not compared, and not part of all)

Options
  --short              the forms that \`npm test\` runs
  --rounds N           of failover, standalone, network, lifecycle
  --operations N       of leaks
  --contestants LIST   of ${Object.keys(CONTESTANTS).join(', ')}
  --out DIRECTORY      default tools/torture/results
  --no-save            does not write results and plots
`;

const FLAGS = {
  short: { type: 'boolean' }, rounds: { type: 'string' }, operations: { type: 'string' }, contestants: { type: 'string' },
  out: { type: 'string' }, 'no-save': { type: 'boolean' }, help: { type: 'boolean' }
};

function oneOf(what, names) {
  return (name) => {
    if (!names.includes(name)) throw new Error(`there is no ${what} "${name}"; there are ${names.join(', ')}`);
    return name;
  };
}

function count(name, value) {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new Error(`--${name} takes whole numbers from 1; got "${value}"`);
  return number;
}

/**
 * @param {string[]} args
 * @returns {{help?: string, scenarios?: string[], contestants?: string[], form?: 'short'|'long',
 *   given?: object, out?: string, save?: boolean}}
 * @throws {Error} naming what is wrong and what there is
 */
function parse(args) {
  const { values, positionals } = parseArgs({ args, options: FLAGS, allowPositionals: true });
  if (values.help) return { help: HELP };
  const scenarios = positionals.map(oneOf('scenario', [...Object.keys(SCENARIOS), 'memory']));
  const given = {};
  for (const name of ['rounds', 'operations']) {
    if (values[name] !== undefined) given[name] = count(name, values[name]);
  }
  return {
    scenarios: scenarios.length > 0 ? scenarios : Object.keys(SCENARIOS),
    contestants: values.contestants?.split(',').map(oneOf('contestant', Object.keys(CONTESTANTS))) ?? Object.keys(CONTESTANTS),
    form: values.short ? 'short' : 'long',
    given,
    out: values.out,
    save: !values['no-save']
  };
}

module.exports = { parse };
