'use strict';

const assert = require('node:assert/strict');
const { setSession, getSession, useConnections, useServer } = require('../../support/connections');

const TEXT = 'a text that is the same over and over again. ';

describe('compression', () => {
  const connections = useConnections();
  const server = useServer({ args: ['--networkMessageCompressors', 'snappy,zstd,zlib'] });
  const plain = useServer({ args: ['--networkMessageCompressors', 'disabled'] });

  /** What the server got compressed and how much it was, by compressor, while `work` ran. */
  const received = async (work) => {
    const node = await connections.node(server.uri);
    const read = async () => (await node.db('admin').command({ serverStatus: 1 })).network.compression;
    const before = await read();
    await work();
    const now = await read();
    const difference = (name, way) => Number(now[name].decompressor[way]) - Number(before[name].decompressor[way]);
    const all = ['snappy', 'zlib', 'zstd'].map((name) => [name, { wire: difference(name, 'bytesIn'), text: difference(name, 'bytesOut') }]);
    return Object.fromEntries(all);
  };

  /** Text that compresses better the harder one tries. */
  const longText = Array.from({ length: 12_000 }, (_, index) => `${(index * index) % 977}-${TEXT.slice(index % 31, index % 43)}`).join('');

  const exchange = async (uri, options) => {
    // Of one connection: a read that is late, as on a busy machine, is sent once more on another.
    const store = await connections.store(uri, { ...options, maxPoolSize: 1 });
    const session = { text: longText, user: 'someone', cookie: { originalMaxAge: 1000 } };
    await new Promise((resolve, reject) => store.set('long', session, (error) => (error ? reject(error) : resolve())));
    assert.equal((await getSession(store, 'long')).text, longText);
    return store;
  };

  for (const name of ['snappy', 'zlib', 'zstd']) {
    it(`with ${name}`, async () => {
      const sizes = await received(() => exchange(server.uri, { compressors: [name] }));
      assert.ok(sizes[name].text > longText.length, JSON.stringify(sizes));
      assert.ok(sizes[name].wire < sizes[name].text / 2, JSON.stringify(sizes));
      for (const other of Object.keys(sizes)) {
        if (other !== name) assert.deepEqual(sizes[other], { wire: 0, text: 0 });
      }
    });
  }

  it('is off without the option', async () => {
    const sizes = await received(() => exchange(server.uri, {}));
    for (const size of Object.values(sizes)) assert.equal(size.text, 0);
  });

  it('takes the first that the server has, from the URI too', async () => {
    const sizes = await received(() => exchange(`${server.uri}/?compressors=zstd,snappy,zlib`));
    assert.ok(sizes.zstd.text > longText.length);
    assert.equal(sizes.snappy.text + sizes.zlib.text, 0);
  });

  it('does without on a server that has none', async () => {
    await exchange(plain.uri, { compressors: ['zlib', 'snappy', 'zstd'] });
  });

  it('works with zlib at every zlibCompressionLevel, harder at a higher one', async () => {
    const wire = {};
    for (let level = -1; level <= 9; level++) {
      const sizes = await received(() => exchange(server.uri, { compressors: 'zlib', zlibCompressionLevel: level }));
      wire[level] = sizes.zlib.wire;
    }
    assert.ok(wire[0] > longText.length, '0 does not compress');
    assert.ok(wire[1] < wire[0] / 2);
    assert.ok(wire[9] < wire[1]);
    // Times and ids in the messages differ, the session does not.
    assert.ok(Math.abs(wire[-1] - wire[6]) < 100, 'the default is 6');
    assert.ok(wire[6] - wire[9] > 100 || wire[1] - wire[6] > 100, 'levels differ by more than that');
  });

  it('keeps sessions readable for who uses another compressor', async () => {
    const writer = await connections.store(server.uri, { compressors: 'zstd' });
    await setSession(writer, 'shared');
    const reader = await connections.store(server.uri, { compressors: 'snappy' });
    assert.equal((await getSession(reader, 'shared')).user, 'someone');
  });
});
