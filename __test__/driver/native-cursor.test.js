'use strict';

const assert = require('node:assert/strict');
const { parse } = require('../../lib/connection');
const { NativeClient } = require('../../lib/native/client');
const { mongoUri, uniqueName } = require('../support/server');

describe('a native cursor', () => {
  const database = uniqueName('cursor');
  let client;

  before(async () => {
    const settings = parse(await mongoUri());
    client = new NativeClient(() => settings);
    const documents = Array.from({ length: 37 }, (_, n) => ({ _id: n }));
    await client.command(database, { insert: 'numbers', documents });
  });

  after(async () => {
    await client.command(database, { dropDatabase: 1 });
    await client.close();
  });

  async function sizes(command, options) {
    const cursor = await client.openCursor(database, command, options);
    const found = [];
    for (let batch = await cursor.nextBatch(); batch !== null; batch = await cursor.nextBatch()) found.push(batch.length);
    assert.equal(await cursor.nextBatch(), null);
    return found;
  }

  it('gives batches of the size that was asked for', async () => {
    assert.deepEqual(await sizes({ find: 'numbers', batchSize: 5 }, { batchSize: 10 }), [5, 10, 10, 10, 2]);
  });

  it('gives all at once where nothing was asked for', async () => {
    assert.deepEqual(await sizes({ find: 'numbers' }, {}), [37]);
  });

  it('that is closed gives nothing more, and the server forgets it', async () => {
    const cursor = await client.openCursor(database, { find: 'numbers', batchSize: 2 });
    assert.equal((await cursor.nextBatch()).length, 2);
    const { id } = cursor;
    await cursor.close();
    assert.equal(await cursor.nextBatch(), null);
    const deadline = Date.now() + 10_000;
    for (;;) {
      const gone = await client.command(database, { getMore: id, collection: 'numbers' }).then(() => false, ({ code }) => code === 43);
      if (gone) break;
      assert.ok(Date.now() < deadline, 'the cursor is still open');
    }
  });

  it('shows no password when it is inspected', () => {
    const secret = new NativeClient(() => parse('mongodb://user:hunter2@127.0.0.1:1/'));
    assert.doesNotMatch(require('node:util').inspect(secret, { showHidden: true, customInspect: false }), /hunter2/);
  });
});
