'use strict';

/** Servers that are not of the replica set that is asked for, or of none. */

const assert = require('node:assert/strict');
const expressSession = require('express-session');
const { useConnections, useServer } = require('../../support/connections');
const impl = require('../../support/impl');

/** How long a refusal takes; long enough for a busy machine to find out why. */
const SHORT = { serverSelectionTimeoutMS: 1500 };

describe('the replica set\'s name', () => {
  const standalone = useServer();
  const other = useServer();
  const set = useServer({ replicaSet: 'sessions', members: 1 });
  const connections = useConnections();
  const list = (...ports) => ports.map((port) => `127.0.0.1:${port}`).join(',');
  const member = () => set.ports[0];

  /** Both are refused with the Node driver's class; ours says why. */
  async function refused(uri, message, options = SHORT) {
    const [ours, theirs] = await Promise.all([connections.refused(uri, options), connections.nodeRefused(uri, options)]);
    assert.equal(theirs.name, 'MongoServerSelectionError');
    assert.deepEqual([ours.name, ours.message], [theirs.name, message]);
  }

  it('is not asked of a standalone server with directConnection, as in the Node driver', async () => {
    const uri = `mongodb://${list(standalone.port)}/?replicaSet=sessions&directConnection=true`;
    await (await connections.node(uri)).db('admin').command({ ping: 1 });
    await connections.works(uri);
  });

  it('is asked of a member with directConnection', async () => {
    await connections.works(`mongodb://${list(member())}/?replicaSet=sessions&directConnection=true`);
    const uri = `mongodb://${list(member())}/?replicaSet=other&directConnection=true`;
    await refused(uri, `Server at ${list(member())} is in the replica set "sessions", but replicaSet asks for "other"`);
  });

  it('that another set has, nothing is sent to with directConnection', async () => {
    const uri = `mongodb://${list(member())}/?replicaSet=other&directConnection=true`;
    const store = new (impl.factory(expressSession))({ uri, connectionOptions: SHORT, collection: 'sessions' }, () => {});
    connections.opened.push(store.client);
    const saved = store.set('misplaced', { cookie: {} });
    await assert.rejects(saved, /is in the replica set "sessions", but replicaSet asks for "other"/);
    const witness = await connections.node(`mongodb://${list(member())}/?directConnection=true`);
    assert.equal(await witness.db('test').collection('sessions').countDocuments({ _id: 'misplaced' }), 0);
  });

  it('is said where it is wrong', async () => {
    const asked = (port, what) => `Server at ${list(port)} is ${what}, but replicaSet asks for "other"`;
    await refused(`mongodb://${list(member())}/?replicaSet=other`, asked(member(), 'in the replica set "sessions"'));
    await refused(`mongodb://${list(standalone.port)}/?replicaSet=other`, asked(standalone.port, 'in no replica set'));
  });

  it('is missed where two standalone servers stand in one connection string', async () => {
    const reason = (port) => `Server at ${list(port)} is in no replica set: several hosts must be members of one set, or mongos`;
    const messages = [standalone.port, other.port].sort().map(reason);
    // The Node driver takes whichever answers last.
    const error = await connections.refused(`mongodb://${list(standalone.port, other.port)}/`, SHORT);
    assert.deepEqual([error.name, error.message], ['MongoServerSelectionError', messages.join('; ')]);
  });

  it('that fits lets the rest of the hosts be wrong', async () => {
    await connections.works(`mongodb://${list(standalone.port, member())}/?replicaSet=sessions`);
  });
});
