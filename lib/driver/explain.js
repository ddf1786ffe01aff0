'use strict';

const ExplainVerbosity = Object.freeze({
  queryPlanner: 'queryPlanner',
  queryPlannerExtended: 'queryPlannerExtended',
  executionStats: 'executionStats',
  allPlansExecution: 'allPlansExecution'
});

/**
 * @param {{explain?: boolean|string|{verbosity: string, maxTimeMS?: number}}} options
 * @returns {{verbosity: string, maxTimeMS?: number}|undefined}
 */
function explainOf({ explain }) {
  if (explain == null) return undefined;
  if (typeof explain === 'boolean') {
    return { verbosity: explain ? ExplainVerbosity.allPlansExecution : ExplainVerbosity.queryPlanner };
  }
  return typeof explain === 'string' ? { verbosity: explain } : explain;
}

/** The command that explains another. */
function explained(command, { verbosity, maxTimeMS }) {
  const result = { explain: command, verbosity };
  if (typeof maxTimeMS === 'number') result.maxTimeMS = maxTimeMS;
  return result;
}

module.exports = { ExplainVerbosity, explainOf, explained };
