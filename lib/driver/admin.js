'use strict';

const { inspect } = require('util');
const { runCommand } = require('./execute');
const { forwardByOptions, forwardMethods } = require('./forward');
const { resolveOptions } = require('./options');

/** Commands to the server as a whole; made by `db.admin()`. */
class Admin {
  /** @param {Db} db */
  constructor(db) {
    const counterpart = (what) => db.s.counterpart(what).admin();
    Object.defineProperty(this, 's', { value: { db, counterpart } });
  }

  /**
   * @param {object} command its first key is the command's name
   * @param {{readPreference?: string|ReadPreference}} [options]
   * @returns {Promise<object>} the reply
   */
  async command(command, options) {
    return runCommand(this.s.db.client, 'admin', command, resolveOptions(undefined, options), { raw: true });
  }

  async ping(options) {
    return this.command({ ping: 1 }, options);
  }

  [inspect.custom]() {
    return 'Admin {}';
  }
}

forwardByOptions(Admin, { promising: { command: 1 } });
forwardMethods(Admin, {
  promising: ['buildInfo', 'serverInfo', 'serverStatus', 'replSetGetStatus', 'listDatabases', 'removeUser', 'validateCollection']
});

module.exports = { Admin };
