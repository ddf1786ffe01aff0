'use strict';

/** Several rounds of figures as one: the median of each, with the spread of the rounds. */

/** @returns {number|null} null without numbers */
function median(numbers) {
  const sorted = numbers.filter(Number.isFinite).sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * @param {object[]} rounds figures by name
 * @returns {Object<string, {median: number|null, min: number|null, max: number|null}>}
 */
function summarize(rounds) {
  return Object.fromEntries(Object.keys(rounds[0]).map((name) => {
    const values = rounds.map((round) => round[name]).filter(Number.isFinite);
    const [min, max] = values.length === 0 ? [null, null] : [Math.min(...values), Math.max(...values)];
    return [name, { median: median(values), min, max }];
  }));
}

/** The items, starting with another one each round, so that nobody is always first. */
function rotated(items, round) {
  const by = round % items.length;
  return [...items.slice(by), ...items.slice(0, by)];
}

module.exports = { median, rotated, summarize };
