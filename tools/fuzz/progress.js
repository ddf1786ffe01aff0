'use strict';

/** What libFuzzer says while it runs, as figures. */

const start = () => ({ text: '', begun: 0, coverage: 0, lastNew: 0, runs: 0, failure: undefined });

/**
 * Reads a piece of libFuzzer's output.
 *
 * @param {object} seen from `start`, is changed
 * @param {string} text may begin and end anywhere
 * @param {number} now in ms since 1970
 */
function read(seen, text, now) {
  const lines = (seen.text + text).split('\n');
  seen.text = lines.pop();
  for (const line of lines) readLine(seen, line, now);
}

function readLine(seen, line, now) {
  const [, runs, event, coverage] = /^#(\d+)\s+(\w+)\s+cov: (\d+)/.exec(line) ?? [];
  if (event) {
    // Up to there it reads the corpus: nothing of that is new.
    if (event === 'INITED') seen.begun = now;
    if (Number(coverage) > seen.coverage) seen.lastNew = now;
    seen.coverage = Math.max(seen.coverage, Number(coverage));
    seen.runs = Math.max(seen.runs, Number(runs));
  }
  const executed = /^stat::number_of_executed_units:\s+(\d+)/.exec(line);
  if (executed) seen.runs = Number(executed[1]);
  const failure = /^SUMMARY: (.*)/.exec(line) ?? /^(thread .* panicked at .*)/.exec(line);
  if (failure) seen.failure ??= failure[1];
}

/**
 * @param {object} seen
 * @param {number|null} code libFuzzer's exit code
 * @param {number} now in ms since 1970
 * @returns {{runs: number, coverage: number, lastNewSeconds: number, failure: string|undefined}} `coverage` in
 *   edges, `lastNewSeconds` after the corpus was read
 */
function figures(seen, code, now) {
  const lastNewSeconds = Math.max(0, Math.round((seen.lastNew - (seen.begun || now)) / 1000));
  const failure = code === 0 ? undefined : seen.failure ?? `ended with code ${code}`;
  return { runs: seen.runs, coverage: seen.coverage, lastNewSeconds, failure };
}

module.exports = { start, read, figures };
