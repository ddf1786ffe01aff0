'use strict';

/** Makes a real server slow or refusing for one client, by MongoDB's own `failCommand`. */

/** Arguments of mongod that allow it. */
const FAIL_POINTS = ['--setParameter', 'enableTestCommands=1'];

/**
 * Runs `work` while commands of the clients named `appName` are held up or refused.
 *
 * @param {object} admin the Node driver's client of the server
 * @param {object} data of the `failCommand` fail point: `failCommands`, `appName`, `errorCode`, `blockTimeMS` …
 * @param {function(): Promise<*>} work
 * @param {string|object} [mode] `alwaysOn` or `{ times: number }`
 * @returns {Promise<*>} what `work` gives
 */
async function withFailPoint(admin, data, work, mode = 'alwaysOn') {
  const configure = (settings) => admin.db('admin').command({ configureFailPoint: 'failCommand', ...settings });
  const blocking = data.blockTimeMS === undefined ? {} : { blockConnection: true };
  await configure({ mode, data: { ...blocking, ...data } });
  try {
    return await work();
  } finally {
    await configure({ mode: 'off' });
  }
}

module.exports = { FAIL_POINTS, withFailPoint };
