'use strict';

const assert = require('node:assert/strict');
const { pipeline } = require('node:stream/promises');
const { setImmediate } = require('node:timers/promises');
const v8 = require('node:v8');
const vm = require('node:vm');
const { usePair } = require('./pair');

const many = Array.from({ length: 25 }, (_, _id) => ({ _id, s: 'x'.repeat(_id) }));

describe('facade: cursors', () => {
  const pair = usePair();
  const { both, same, refused } = pair;
  /** How many of a collection the server has. Of all that it has, some were lost by other tests, and go when garbage is collected. */
  const openCursors = async ({ database, name }) => {
    const ofCollection = { type: 'idleCursor', ns: `${database}.${name}` };
    return (await pair.witness.db('admin').aggregate([{ $currentOp: { idleCursors: true } }, { $match: ofCollection }]).toArray()).length;
  };
  /** The server hears of a closed cursor a little later. */
  const untilNoneIsOpen = async (context, meanwhile = () => {}) => {
    while ((await openCursors(context)) > 0) {
      meanwhile();
      await setImmediate();
    }
  };
  /** A cursor that needs several batches. */
  const open = (collection) => collection.find().batchSize(4);

  same('toArray', many, ({ collection }) => open(collection).toArray());
  same('toArray of what was not read yet', many, async ({ collection }) => {
    const cursor = open(collection);
    return [await cursor.next(), await cursor.next(), await cursor.toArray(), await cursor.toArray(), cursor.closed];
  });
  same('next, to the end and beyond', many, async ({ collection }) => {
    const cursor = open(collection);
    const ids = [];
    for (let document = await cursor.next(); document !== null; document = await cursor.next()) ids.push(document._id);
    return [ids, await cursor.next(), await cursor.hasNext(), cursor.closed, cursor.killed];
  });
  same('next and hasNext by turns', many, async ({ collection }) => {
    const cursor = open(collection);
    let n = 0;
    while (await cursor.hasNext()) n += (await cursor.next())._id;
    return n;
  });
  same('tryNext', many.slice(0, 2), async ({ collection }) => {
    const cursor = open(collection);
    return [await cursor.tryNext(), await cursor.tryNext(), await cursor.tryNext()];
  });
  same('for await', many, async ({ collection }) => {
    const ids = [];
    for await (const { _id } of open(collection)) ids.push(_id);
    return ids;
  });
  same('for await, left early', many, async ({ collection }) => {
    const cursor = open(collection);
    for await (const { _id } of cursor) if (_id === 2) break;
    return [cursor.killed, await cursor.hasNext(), await cursor.toArray()];
  });
  same('forEach', many, async ({ collection }) => {
    const ids = [];
    const returned = await open(collection).forEach(({ _id }) => {
      ids.push(_id);
    });
    return [ids, returned];
  });
  same('forEach, left early', many, async ({ collection }) => {
    const ids = [];
    await open(collection).forEach(({ _id }) => ids.push(_id) < 6);
    return ids;
  });
  refused('forEach without a function', many, ({ collection }) => open(collection).forEach());
  same('map, twice', many, ({ collection }) => open(collection).map(({ _id }) => _id).map((n) => n * 2).toArray());
  refused('a map that throws', many, ({ collection }) =>
    open(collection)
      .map(({ _id }) => {
        if (_id === 7) throw new RangeError('seven');
        return _id;
      })
      .toArray());
  refused('a map to null', many, ({ collection }) => open(collection).map(() => null).toArray());
  same('buffered documents', many, async ({ collection }) => {
    const cursor = open(collection);
    await cursor.next();
    const before = cursor.bufferedCount();
    return [before, cursor.readBufferedDocuments(2), cursor.bufferedCount(), cursor.readBufferedDocuments(), (await cursor.next())._id];
  });
  same('rewind', many, async ({ collection }) => {
    const cursor = open(collection);
    await cursor.next();
    await cursor.next();
    cursor.rewind();
    const first = await cursor.next();
    cursor.rewind();
    return [first, (await cursor.toArray()).length];
  });
  same('rewind after the end', many, async ({ collection }) => {
    const cursor = open(collection);
    await cursor.toArray();
    cursor.rewind();
    return (await cursor.toArray()).length;
  });
  same('clone', many, async ({ collection }) => {
    const cursor = collection.find({}, { batchSize: 4, sort: { _id: -1 }, limit: 3 });
    await cursor.next();
    return cursor.clone().toArray();
  });
  same('clone of an aggregation', many, async ({ collection }) => {
    const cursor = collection.aggregate([{ $sort: { _id: -1 } }, { $limit: 2 }]);
    await cursor.next();
    return cursor.clone().toArray();
  });
  same('close before it was read from', many, async ({ collection }) => {
    const cursor = open(collection);
    await cursor.close();
    return [await cursor.next(), await cursor.toArray(), cursor.closed, cursor.killed];
  });
  refused('next after close', many, async ({ collection }) => {
    const cursor = open(collection);
    await cursor.next();
    await cursor.close();
    return cursor.next();
  });
  same('close, twice, says so once', many, async ({ collection }) => {
    const cursor = open(collection);
    let closes = 0;
    cursor.on('close', () => closes++);
    await cursor.next();
    await cursor.close();
    await cursor.close();
    return [closes, cursor.closed, cursor.killed];
  });
  same('the end says close', many, async ({ collection }) => {
    const cursor = open(collection);
    let closes = 0;
    cursor.on('close', () => closes++);
    await cursor.toArray();
    return closes;
  });
  for (const [name, args] of Object.entries({
    sort: ['a'], limit: [1], skip: [1], project: [{}], batchSize: [1], hint: ['a'], filter: [{}], map: [() => 1],
    comment: ['a'], maxTimeMS: [1], collation: [{}], withReadPreference: ['primary'], withReadConcern: ['local'],
    addCursorFlag: ['partial', true], min: [{}], max: [{}], returnKey: [true], showRecordId: [true],
    allowDiskUse: [], addQueryModifier: ['$hint', 'a'], maxAwaitTimeMS: [1]
  })) {
    refused(`${name} after it was read from`, many, async ({ collection }) => {
      const cursor = open(collection);
      await cursor.next();
      return cursor[name](...args);
    });
  }
  refused('a stage after it was read from', many, async ({ collection }) => {
    const cursor = collection.aggregate([], { batchSize: 2 });
    await cursor.next();
    return cursor.match({});
  });
  same('ids', many, async ({ collection }) => {
    const cursor = open(collection);
    const before = cursor.id;
    await cursor.next();
    const during = cursor.id.constructor.name;
    await cursor.toArray();
    return [before, during];
  });
  same('a stream', many, async ({ collection }) => {
    const ids = [];
    for await (const { _id } of open(collection).stream()) ids.push(_id);
    return ids;
  });
  same('a stream of transformed documents', many, async ({ collection }) => {
    const ids = [];
    await pipeline(open(collection).stream({ transform: ({ _id }) => ({ n: _id + 1 }) }), async (source) => {
      for await (const { n } of source) ids.push(n);
    });
    return ids;
  });
  refused('a stream whose query fails', many, async ({ collection }) => {
    for await (const document of collection.find({ a: { $wat: 1 } }).stream()) assert.fail(document);
  });
  same('an aggregation over several batches', many, ({ collection }) =>
    collection.aggregate([{ $sort: { _id: 1 } }], { batchSize: 3 }).toArray());
  same('replies of 16 MB and more', [], async ({ collection }) => {
    const s = 'x'.repeat(6 * 1024 * 1024);
    for (let _id = 0; _id < 6; _id++) await collection.insertOne({ _id, s });
    const found = await collection.find().sort({ _id: 1 }).toArray();
    await collection.drop();
    return found.map((document) => [document._id, document.s.length]);
  });
  same('documents that are inserted while reading', many, async ({ collection }) => {
    const cursor = open(collection).sort({ _id: 1 }).hint({ _id: 1 });
    await cursor.next();
    await collection.insertOne({ _id: 100 });
    return (await cursor.toArray()).length;
  });
  same('an aborted cursor', many, async ({ collection }) => {
    const controller = new AbortController();
    const cursor = collection.find({}, { signal: controller.signal, batchSize: 2 });
    await cursor.next();
    controller.abort(new Error('enough'));
    return [await cursor.next().catch((error) => error.message), cursor.killed];
  });
  same('explain', many, async ({ collection }) => (await open(collection).explain('queryPlanner')).queryPlanner.winningPlan);
  same('explain as an option', many, async ({ collection }) => {
    const explained = await collection.find({}, { explain: 'queryPlanner' }).toArray();
    return [explained.length, explained[0].queryPlanner.winningPlan];
  });

  it('calls of next at the same time get a document each', async () => {
    const { ours } = await both(many, async ({ collection }) => {
      const cursor = open(collection);
      const documents = await Promise.all(Array.from({ length: 30 }, () => cursor.next()));
      return documents.map((document) => document?._id ?? null);
    });
    assert.deepEqual(
      [...ours.value].sort((a, b) => (a ?? 99) - (b ?? 99)),
      [...many.map(({ _id }) => _id), null, null, null, null, null]
    );
  });

  it('closing kills the cursor on the server', async () => {
    const { ours } = await both(many, async ({ collection, ...context }) => {
      const cursor = open(collection);
      await cursor.next();
      const during = await openCursors(context);
      await cursor.close();
      await untilNoneIsOpen(context);
      return during;
    });
    assert.equal(ours.value, 1);
  });

  it('a cursor that is read to its end is not kept by its client', async () => {
    const { ours } = await both(many, async ({ collection, side }) => {
      if (side === 'node') return undefined;
      const { cursors } = collection.client;
      // Those that other tests lost are there until garbage is collected.
      const before = new Set(cursors);
      const added = () => [...cursors].filter((kept) => !before.has(kept)).length;
      const cursor = open(collection);
      await cursor.next();
      const during = added();
      await cursor.toArray();
      return [during, added()];
    });
    assert.deepEqual(ours.value, [1, 0]);
  });

  it('a cursor that is lost half read is closed on the server', async () => {
    v8.setFlagsFromString('--expose_gc');
    const collectGarbage = vm.runInNewContext('gc');
    const { ours } = await both(many, async ({ collection, side, ...context }) => {
      if (side === 'node') return undefined;
      // Held until it was counted: garbage may be collected at any time.
      const held = { cursor: open(collection) };
      await held.cursor.next();
      const during = await openCursors(context);
      held.cursor = undefined;
      await untilNoneIsOpen(context, collectGarbage);
      return during;
    });
    assert.equal(ours.value, 1);
    // The server's answer is one thing, that the client has heard of it another.
    while (pair.sides.ours.client.cursors.size > 0) {
      collectGarbage();
      await setImmediate();
    }
  });
});
