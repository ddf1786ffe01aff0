'use strict';

const { inspect } = require('util');
const { runCommand } = require('./execute');
const { resolveOptions } = require('./options');
const { refuse } = require('./unsupported');

/** Commands to the server as a whole; made by `db.admin()`. */
class Admin {
  /** @param {Db} db */
  constructor(db) {
    Object.defineProperty(this, 's', { value: { db } });
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

  async buildInfo(options) {
    return this.command({ buildinfo: 1 }, options);
  }

  async serverInfo(options) {
    return this.command({ buildinfo: 1 }, options);
  }

  async serverStatus(options) {
    return this.command({ serverStatus: 1 }, options);
  }

  async replSetGetStatus(options) {
    return this.command({ replSetGetStatus: 1 }, options);
  }

  /**
   * @param {{filter?: object, nameOnly?: boolean, authorizedDatabases?: boolean}} [options]
   * @returns {Promise<{databases: object[], totalSize?: number, ok: number}>}
   */
  async listDatabases(options) {
    const { nameOnly, filter, authorizedDatabases, comment } = options ?? {};
    const command = { listDatabases: 1 };
    if (typeof nameOnly === 'boolean') command.nameOnly = nameOnly;
    if (filter) command.filter = filter;
    if (typeof authorizedDatabases === 'boolean') command.authorizedDatabases = authorizedDatabases;
    if (comment !== undefined) command.comment = comment;
    const resolved = resolveOptions(undefined, options);
    return runCommand(this.s.db.client, 'admin', command, resolved, { idempotent: true });
  }

  [inspect.custom]() {
    return 'Admin {}';
  }
}

refuse(Admin, { throwing: [], rejecting: ['removeUser', 'validateCollection'] });

module.exports = { Admin };
