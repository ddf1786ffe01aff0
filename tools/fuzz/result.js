'use strict';

/** The figures of a run of all targets, in the form of `tools/torture/results`. */

/**
 * @param {object[]} all of `progress.figures`, with `target` and `seconds`
 * @param {number} started in ms since 1970
 * @param {{cpus: Function}} os
 */
function result(all, started, os) {
  const sorted = [...all].sort((a, b) => (a.target < b.target ? -1 : 1));
  const sum = (key) => sorted.reduce((total, figures) => total + figures[key], 0);
  const [cpu] = os.cpus();
  return {
    scenario: 'fuzz',
    title: 'Fuzzing',
    how: 'libFuzzer with AddressSanitizer and debug assertions, on every function that reads bytes from outside; the corpus is replayed by `cargo test`',
    takenAt: new Date(started).toISOString(),
    minutes: Number((sum('seconds') / 60).toFixed(2)),
    machine: { cpu: cpu.model.split(' ').slice(0, 2).join(' '), cores: os.cpus().length },
    node: process.versions.node,
    options: { seconds: Math.min(...sorted.map(({ seconds }) => seconds)) },
    contestants: {
      ours: {
        checks: sorted.map(({ target, runs, coverage, lastNewSeconds, seconds, failure }) => ({
          promise: `no input breaks \`${target}\``,
          held: !failure,
          detail: failure ?? `${runs.toLocaleString('en-US')} runs, ${coverage} edges, the last new one after ${lastNewSeconds} of ${seconds} s`
        })),
        figures: { targets: sorted.length, runs: sum('runs'), findings: sorted.filter(({ failure }) => failure).length, each: sorted }
      }
    }
  };
}

module.exports = { result };
