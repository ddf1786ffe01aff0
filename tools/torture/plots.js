'use strict';

/** What the soak showed, drawn. */

const { linePlot } = require('../drawing/line-plot');
const { CONTESTANTS } = require('./contestants');

/**
 * @param {object} results of a scenario
 * @returns {Object<string, string>} SVG documents by file name; only the leaks have any
 */
function plots(results) {
  if (results.scenario !== 'leaks') return {};
  const { MEASURES } = require('./scenarios/leaks');
  const ids = Object.keys(results.contestants);
  const panels = (key) => Object.entries(MEASURES).map(([name, { label }]) => ({
    title: label,
    lines: ids.map((id) => ({ contestant: id, points: results.contestants[id].figures[key].map(({ done, [name]: value }) => [done, value]) }))
  }));
  const legend = ids.map((id) => ({ label: CONTESTANTS[id].label, contestant: id }));
  const note = `${results.machine.cpu}, ${results.machine.cores} cores, ${results.machine.system}; Node ${results.node}; ${results.takenAt.slice(0, 10)}`;
  return {
    'soak-operations.svg': linePlot({ title: 'During operations', subtitle: 'Level lines leak nothing. Each store on its own scale from left to right.', legend, panels: panels('soak'), unit: 'operations', note }),
    'soak-stores.svg': linePlot({ title: 'While stores are opened and closed', subtitle: 'Level lines leak nothing.', legend, panels: panels('opened'), unit: 'stores', note })
  };
}

module.exports = { plots };
