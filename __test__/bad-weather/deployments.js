'use strict';

/** Real servers behind a proxy that sees and treats every command. */

const { MongoClient } = require('mongodb');
const { startMongod } = require('../../tools/mongod');
const { ProxiedSet } = require('../../tools/mongod/proxied-set');
const { WireProxy } = require('../support/wire-proxy');

const openWireProxy = (port) => new WireProxy(port).open();

const KINDS = {
  async standalone(openProxy, args) {
    const server = await startMongod({ own: true, args });
    const proxy = await openProxy(server.port);
    return {
      server, proxy, uri: `mongodb://127.0.0.1:${proxy.port}/`, directUri: server.uri,
      async stop() {
        await proxy.close();
        await server.stop();
      }
    };
  },
  async 'replica set'(openProxy, args) {
    const set = await new ProxiedSet({ args }).start(openProxy);
    return { server: set.member, proxy: set.proxy, uri: set.uri, directUri: set.directUri, stop: () => set.stop() };
  }
};

/**
 * Call within `describe`: starts a deployment behind a proxy before its tests, stops it afterwards, and makes the proxy
 * honest after each.
 *
 * @param {'standalone'|'replica set'} kind
 * @param {{args?: string[], openProxy?: function(number): Promise<object>}} [options] `openProxy` by default opens a {@link WireProxy}
 * @returns {{uri: string, proxy: object, server: object, db: object, admin: object}} `db` and `admin`: the Node driver past the proxy
 */
function useDeployment(kind, { args = [], openProxy = openWireProxy } = {}) {
  const deployment = {};
  before(`start a ${kind} behind a proxy`, async function start() {
    this.timeout(60_000);
    Object.assign(deployment, await KINDS[kind](openProxy, args));
    deployment.witness = await MongoClient.connect(deployment.directUri);
    deployment.db = deployment.witness.db('test');
    deployment.admin = deployment.witness.db('admin');
  });
  afterEach('make the proxy honest', () => deployment.proxy?.honest?.());
  after(`stop the ${kind}`, async () => {
    await deployment.witness?.close();
    await deployment.stop?.();
  });
  return deployment;
}

/** A session that lasts for an hour. */
function sessionOf(more) {
  return { cookie: { originalMaxAge: 3_600_000, expires: new Date(Date.now() + 3_600_000), path: '/' }, ...more };
}

module.exports = { sessionOf, useDeployment };
