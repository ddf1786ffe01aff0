'use strict';

const assert = require('node:assert/strict');
const expressSession = require('express-session');
const mongodb = require('mongodb');
const impl = require('../../support/impl');
const { failure, getSession, roundTrip, setSession, useConnections, useServer } = require('../../support/connections');
const { FAIL_POINTS, withFailPoint } = require('../../support/fail-point');
const { Members } = require('../../support/members');
const { whilePaused, cannotPause } = require('../../support/pause');
const { eventually } = require('../../support/stores');

/** How long a refusal takes; long enough for a busy machine to find out why. */
const SHORT = { serverSelectionTimeoutMS: 1500 };

describe('a replica set', function suite() {
  this.timeout(120_000);
  // Elections are for the last test: a member of a busy machine is not to be taken for one that is gone.
  const set = useServer({ replicaSet: 'sessions', members: 3, args: FAIL_POINTS, electionTimeoutMS: 5000 });
  const connections = useConnections();
  let members;
  let serial = 0;

  before('connect to every member, tag and record', async () => {
    const clients = set.ports.map((port) => {
      return mongodb.MongoClient.connect(`mongodb://127.0.0.1:${port}`, { directConnection: true });
    });
    members = new Members(await Promise.all(clients), 'test');
    await members.tag();
    await members.record();
  });
  after(() => Promise.all((members?.clients ?? []).map((client) => client.close())));

  const hosts = (list = set.ports) => list.map((port) => `127.0.0.1:${port}`).join(',');
  const appName = () => `app-${++serial}`;
  const everywhere = async (id) => {
    const there = async (client) => client.db('test').collection('sessions').findOne({ _id: id });
    await eventually(async () => (await Promise.all(members.clients.map(there))).every(Boolean));
  };
  /** How many of 12 reads of sessions each member got. */
  const whoIsRead = async (uri, options = {}) => {
    const name = appName();
    const store = await connections.store(uri, { ...options, appName: name });
    await setSession(store, name);
    await everywhere(name);
    for (let count = 0; count < 12; count++) assert.equal((await getSession(store, name)).user, 'someone');
    // A read that is late, as on a busy machine, is sent once more: more than twelve count as twelve.
    return (await members.reads(name)).map((count) => Math.min(count, 12));
  };
  const others = async () => {
    const primary = await members.primaryIndex();
    return { primary, secondaries: [0, 1, 2].filter((index) => index !== primary) };
  };

  describe('is found', () => {
    it('by several hosts', () => connections.works(`mongodb://${hosts()}/?replicaSet=sessions`));

    it('by any one of them, a secondary too', async () => {
      const { secondaries } = await others();
      await connections.works(`mongodb://${hosts([set.ports[secondaries[0]]])}`, { replicaSet: 'sessions' });
    });

    it('when some of the hosts are not there', async () => {
      await connections.works(`mongodb://127.0.0.1:1,${hosts()}/?replicaSet=sessions`);
    });

    it('by several hosts without its name', () => connections.works(`mongodb://${hosts()}/`));

    it('not under another name, as in the Node driver', async () => {
      const args = [`mongodb://${hosts()}/?replicaSet=other`, SHORT];
      const [ours, theirs] = await Promise.all([connections.refused(...args), connections.nodeRefused(...args)]);
      assert.equal(theirs.name, 'MongoServerSelectionError');
      assert.equal(ours.name, theirs.name);
    });
  });

  describe('directConnection', () => {
    it('talks to the named member only', async () => {
      for (const port of set.ports) {
        const client = new impl.driver.MongoClient(`mongodb://127.0.0.1:${port}`, { directConnection: true });
        connections.opened.push(client);
        const { me } = await client.db('admin').command({ hello: 1 });
        assert.equal(me, `127.0.0.1:${port}`);
      }
    });

    it('reads from a secondary and is refused to write there, as in the Node driver', async () => {
      const { secondaries: [index] } = await others();
      const args = [`mongodb://127.0.0.1:${set.ports[index]}/?directConnection=true`];
      const refusals = await Promise.all([impl.driver.MongoClient, mongodb.MongoClient].map(async (MongoClient) => {
        const client = new MongoClient(...args);
        connections.opened.push(client);
        const collection = client.db('test').collection('sessions');
        assert.ok(await collection.findOne({}));
        const { name, code, codeName } = await failure(collection.insertOne({ _id: 'x' }));
        return { name, code, codeName };
      }));
      assert.equal(refusals[1].codeName, 'NotWritablePrimary');
      assert.deepEqual(refusals[0], refusals[1]);
    });
  });

  describe('readPreference', () => {
    const uri = (query = '') => `mongodb://${hosts()}/?replicaSet=sessions${query}`;
    const only = (index) => [0, 1, 2].map((member) => (member === index ? 12 : 0));

    it('is primary by default', async () => {
      const { primary } = await others();
      assert.deepEqual(await whoIsRead(uri()), only(primary));
    });

    for (const mode of ['primary', 'primaryPreferred']) {
      it(`${mode} reads from the primary`, async () => {
        const { primary } = await others();
        assert.deepEqual(await whoIsRead(uri(), { readPreference: mode }), only(primary));
      });
    }

    for (const mode of ['secondary', 'secondaryPreferred']) {
      it(`${mode} reads from secondaries`, async () => {
        const { primary } = await others();
        for (const reads of [await whoIsRead(uri(`&readPreference=${mode}`)), await whoIsRead(uri(), { readPreference: { mode } })]) {
          assert.equal(reads[primary], 0);
          assert.ok(reads.reduce((sum, count) => sum + count) >= 12);
        }
      });
    }

    it('reads from the member with the tags', async () => {
      assert.deepEqual(await whoIsRead(uri('&readPreference=nearest&readPreferenceTags=dc:b')), only(1));
      assert.deepEqual(await whoIsRead(uri(), { readPreference: { mode: 'nearest', tags: [{ dc: 'c' }] } }), only(2));
      assert.deepEqual(await whoIsRead(uri(), { readPreference: 'nearest', readPreferenceTags: [{ dc: 'a' }] }), only(0));
    });

    it('tries sets of tags in order, the empty one last', async () => {
      assert.deepEqual(await whoIsRead(uri('&readPreference=nearest&readPreferenceTags=dc:x&readPreferenceTags=dc:a')), only(0));
      const { primary } = await others();
      const reads = await whoIsRead(uri('&readPreference=secondary&readPreferenceTags=dc:x&readPreferenceTags='));
      assert.equal(reads[primary], 0);
    });

    it('finds no server where no member has the tags, as in the Node driver', async () => {
      const options = { ...SHORT, readPreference: { mode: 'secondary', tags: [{ dc: 'x' }] } };
      const [ours, theirs] = await Promise.all([
        connections.refused(uri(), options),
        failure(connections.node(uri(), options).then((client) => client.db('test').collection('sessions').findOne({})))
      ]);
      assert.equal(theirs.name, 'MongoServerSelectionError');
      assert.equal(ours.name, theirs.name);
    });

    it('takes maxStalenessSeconds', async () => {
      const { primary } = await others();
      const options = { readPreference: { mode: 'secondary', maxStalenessSeconds: 90 } };
      assert.equal((await whoIsRead(uri(), options))[primary], 0);
      assert.equal((await whoIsRead(uri('&readPreference=secondary&maxStalenessSeconds=120')))[primary], 0);
    });

    it('knows how far behind a member is to 90 seconds only, and refuses less as the Node driver does', async () => {
      const ways = [[uri(), { readPreference: { mode: 'secondary', maxStalenessSeconds: 30 } }], [uri('&readPreference=secondary&maxStalenessSeconds=30'), {}]];
      for (const [address, options] of ways) {
        const read = (client) => client.db('test').collection('sessions').findOne({});
        const client = new impl.driver.MongoClient(address, { ...SHORT, ...options });
        connections.opened.push(client);
        const theirs = await failure(connections.node(address, { ...SHORT, ...options }).then(read));
        const ours = await failure(read(client));
        assert.match(theirs.message, /"maxStalenessSeconds" must be at least 90 seconds/);
        assert.equal(ours.name, theirs.name);
        assert.match(ours.message, /max.?staleness.*at least 90/i);
      }
    });

    it('reads from the nearest within localThresholdMS only', async () => {
      const FAR_MS = 800;
      const far = [1, 2].map((index) => members.clients[index]);
      const read = (localThresholdMS) => {
        const name = `far-${localThresholdMS}`;
        const data = { failCommands: ['hello', 'isMaster', 'ismaster'], appName: name, blockTimeMS: FAR_MS };
        return withFailPoint(far[0], data, () => withFailPoint(far[1], data, async () => {
          const options = { appName: name, readPreference: 'nearest', localThresholdMS, heartbeatFrequencyMS: 500 };
          const store = await connections.store(uri(), options);
          // Every member is known once it was slow to answer once.
          await eventually(async () => {
            await Promise.all(Array.from({ length: 5 }, () => getSession(store, 'any')));
            const reads = await members.reads(name);
            return localThresholdMS < FAR_MS ? reads[0] >= 40 : reads[1] + reads[2] > 0;
          }, 30_000);
          return members.reads(name);
        }));
      };
      const near = await read(100);
      assert.equal(near[1] + near[2], 0, `${near}`);
      const wide = await read(5000);
      assert.ok(wide[1] + wide[2] > 0, `${wide}`);
    });
  });

  describe('write concern', () => {
    const uri = () => `mongodb://${hosts()}/?replicaSet=sessions`;
    const accepted = { 'w: 1': { w: 1 }, 'w: 3': { w: 3 }, 'w: majority': { w: 'majority' }, 'journal': { w: 1, journal: true } };
    for (const [title, options] of Object.entries(accepted)) {
      it(`${title} is met`, () => connections.works(uri(), options));
    }

    const impossible = {
      'w in the options': [() => uri(), { w: 5, wtimeoutMS: 300 }],
      'w in the URI': [() => `${uri()}&w=5&wtimeoutMS=300`, {}],
      'writeConcern': [() => uri(), { writeConcern: { w: 5, wtimeoutMS: 300 } }],
      'a w that the set has not defined': [() => uri(), { w: 'nowhere' }]
    };
    for (const [title, [address, options]] of Object.entries(impossible)) {
      it(`reaches the server from ${title}, which says when it cannot be met as to the Node driver`, async () => {
        const client = await connections.node(address(), options);
        const theirs = await failure(client.db('test').collection('sessions').updateOne({ _id: 'w' }, { $set: { a: 1 } }, { upsert: true }));
        const plain = await connections.store(uri());
        const { store } = await anyStore(address(), options);
        const { cause: ours } = await failure(setSession(store, title));
        const shape = ({ name, code, codeName, message }) => ({ name, code, codeName, message });
        assert.equal(theirs.name, 'MongoWriteConcernError');
        assert.deepEqual(shape(ours), shape(theirs));
        // That it is not met everywhere does not undo a write.
        assert.equal((await getSession(plain, title)).user, 'someone');
      });

      it(`is asked for from ${title} for making the index, too`, async () => {
        const { error } = await anyStore(address(), options);
        assert.match(error?.message ?? 'no error', /^Error creating index: (Not enough data-bearing nodes|No write concern mode named)/);
      });
    }

    /** A store, and what went wrong with its index. */
    function anyStore(address, connectionOptions) {
      return new Promise((resolve) => {
        const Store = impl.factory(expressSession);
        const store = new Store({ uri: address, connectionOptions, collection: 'sessions' }, (error) => resolve({ store, error }));
        store.on('error', () => {});
        connections.opened.push(store.client);
      });
    }

    it('gives up after wtimeoutMS when a member does not follow', async function pause() {
      if (cannotPause) this.skip();
      const { secondaries: [index] } = await others();
      const store = await connections.works(uri(), { w: 3, wtimeoutMS: 3000 });
      const error = await whilePaused(set.members[index], () => failure(setSession(store, 'late')));
      assert.equal(error.cause.name, 'MongoWriteConcernError');
      assert.equal(error.cause.code, 64);
      await eventually(() => setSession(store, 'late').then(() => true, () => false));
    });
  });

  describe('readConcern', () => {
    const uri = () => `mongodb://${hosts()}/?replicaSet=sessions`;
    const levels = {
      'readConcern': [() => uri(), { readConcern: { level: 'majority' } }, 'majority'],
      'readConcernLevel in the URI': [() => `${uri()}&readConcernLevel=available`, {}, 'available'],
      'readConcern, linearizable': [() => uri(), { readConcern: { level: 'linearizable' } }, 'linearizable']
    };
    for (const [title, [address, options, level]] of Object.entries(levels)) {
      it(`reaches the server from ${title}`, async () => {
        const name = appName();
        const store = await connections.store(address(), { ...options, appName: name });
        await roundTrip(store, name);
        const asked = (await members.asked(name, { op: 'query', 'command.find': 'sessions' })).flat();
        // A read that is late, as on a busy machine, is sent once more.
        assert.deepEqual([...new Set(asked.map(({ command }) => command.readConcern?.level))], [level]);
      });
    }
  });

  describe('a connection that breaks during', () => {
    const uri = () => `mongodb://${hosts()}/?replicaSet=sessions`;
    const broken = async (failCommands, options, work) => {
      const name = appName();
      const store = await connections.store(uri(), { ...options, appName: name });
      await roundTrip(store, name);
      const data = { failCommands, appName: name, closeConnection: true };
      return withFailPoint(await members.primary(), data, () => work(store, name), { times: 1 });
    };

    it('a read is not noticed with retryReads', async () => {
      for (const options of [{}, { retryReads: true }]) await broken(['find'], options, getSession);
    });

    it('a read is an error with retryReads: false', async () => {
      const error = await broken(['find'], { retryReads: false }, (store, id) => failure(getSession(store, id)));
      assert.equal(error.cause.name, 'MongoNetworkError');
    });

    it('a read of the application\'s own is an error with retryReads: false only', async () => {
      const read = (store) => store.client.db('test').collection('elsewhere').findOne({ a: 1 });
      await broken(['find'], { retryReads: true }, read);
      const error = await broken(['find'], { retryReads: false }, (store) => failure(read(store)));
      assert.equal(error.name, 'MongoNetworkError');
    });

    it('a write of the application\'s own is an error with retryWrites: false only', async () => {
      const write = (store, id) => store.client.db('test').collection('elsewhere').updateOne({ _id: id }, { $set: { a: 1 } }, { upsert: true });
      for (const options of [{}, { retryWrites: true }]) await broken(['update'], options, write);
      const error = await broken(['update'], { retryWrites: false }, (store, id) => failure(write(store, id)));
      assert.equal(error.name, 'MongoNetworkError');
    });

    it('a write that is not safe to repeat is an error either way', async () => {
      const write = (store, id) => failure(store.client.db('test').collection('elsewhere').insertOne({ _id: id }));
      for (const retryWrites of [true, false]) {
        assert.equal((await broken(['insert'], { retryWrites }, write)).name, 'MongoNetworkError');
      }
    });

    it('a session\'s write is not noticed, with and without retryWrites', async () => {
      for (const retryWrites of [true, false]) await broken(['update'], { retryWrites }, setSession);
    });
  });

  describe('when its primary dies', () => {
    it('goes on with the next', async () => {
      const store = await connections.works(`mongodb://${hosts()}/?replicaSet=sessions`, { heartbeatFrequencyMS: 500 });
      const primary = await members.primaryIndex();
      await set.members[primary].kill('SIGKILL');
      await roundTrip(store, 'survivor');
    });
  });
});
