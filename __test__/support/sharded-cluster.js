'use strict';

/**
 * A real sharded cluster, a config replica set and two shards, behind a stand-in for its router.
 *
 * `mongos` itself is in no package that the project can install, so `StandInRouter` stands where it would: it tells
 * drivers that it is one, sends each statement of a write to the shard that has its document, with the statement's number,
 * and brings the change streams of the shards into the order of the cluster's time. Searches are routed by MongoDB's
 * own router, which a shard has for its transactions. What a router does besides (balancing, versions of chunks) is not here.
 */

const { createHash } = require('node:crypto');
const net = require('node:net');
const { BSON, Long, MongoClient } = require('mongodb');
const { ReplicaSet } = require('../../tools/mongod/replica-set');
const { Relay } = require('../../tools/relay');
const { eventually } = require('./stores');
const { HEADER, commandOf, framed, messages } = require('./wire');

const OP_QUERY = 2004;
const OP_REPLY = 1;
const MAJORITY = { writeConcern: { w: 'majority', wtimeout: 30_000 } };
/** How long a shard waits for a change: short, since those of the other one wait for its answer. */
const AWAIT_MS = 50;
const STATEMENTS = { insert: 'documents', update: 'updates', delete: 'deletes' };
const ON_ALL_SHARDS = new Set(['createIndexes', 'dropIndexes', 'collMod', 'drop']);
/** MongoDB's own router, as a shard has it. */
const ROUTED = { find: 'clusterFind', aggregate: 'clusterAggregate', getMore: 'clusterGetMore' };
/** Numbers as JavaScript's, but for those of 64 bits. */
const KEEPING = { promoteLongs: false, promoteValues: true, bsonRegExp: true };
const SHARD_ARGS = ['--shardsvr', '--setParameter', 'ttlMonitorSleepSecs=1', '--setParameter', 'periodicNoopIntervalSecs=1'];

class ShardedCluster {
  async start() {
    this.sets = [['config', ['--configsvr']], ['shard0', SHARD_ARGS], ['shard1', SHARD_ARGS]].map(([name, args]) => new ReplicaSet(name, 1, { args }));
    await Promise.all(this.sets.map((set) => set.start()));
    const connected = this.sets.map(({ port }) => MongoClient.connect(`mongodb://127.0.0.1:${port}/?directConnection=true`));
    [this.config, ...this.shards] = await Promise.all(connected);
    for (const client of [this.config, ...this.shards]) {
      await eventually(async () => (await client.db('admin').command({ hello: 1 })).isWritablePrimary, 30_000);
    }
    for (const { name, port } of this.sets.slice(1)) {
      await this.config.db('admin').command({ _configsvrAddShard: `${name}/127.0.0.1:${port}`, ...MAJORITY });
    }
    this.router = await new StandInRouter(this).open();
    return this;
  }

  get uri() {
    return `mongodb://127.0.0.1:${this.router.port}`;
  }

  get shardPorts() {
    return this.sets.slice(1).map(({ port }) => port);
  }

  /** Shards a collection by the hash of `_id`, as `sh.shardCollection(name, { _id: 'hashed' })` does. */
  async shardCollection(database, collection) {
    await this.config.db('admin').command({ _configsvrCreateDatabase: database, primaryShardId: 'shard0', ...MAJORITY });
    const { version } = await this.config.db('config').collection('databases').findOne({ _id: database });
    await this.shards[0].db(database).command({
      _shardsvrCreateCollection: collection, shardKey: { _id: 'hashed' }, unique: false, databaseVersion: version, ...MAJORITY
    });
    const config = this.config.db('config');
    const { uuid } = await config.collection('collections').findOne({ _id: `${database}.${collection}` });
    const chunks = await config.collection('chunks').find({ uuid }, { promoteLongs: false }).sort({ min: 1 }).toArray();
    this.router.chunks.set(collection, chunks.map(({ shard, max }) => ({ shard: Number(shard.slice(-1)), max: Long.isLong(max._id) ? max._id : null })));
  }

  async stop() {
    await this.router?.close();
    await Promise.all([this.config, ...this.shards ?? []].map((client) => client?.close()));
    await Promise.all(this.sets.map((set) => set.stop()));
  }
}

/** The rank of texts in the order of types. */
const TEXT = 15;

/** The hash by which MongoDB places a text: the first half of an MD5 over seed, type and value. */
function hashOf(text) {
  const value = Buffer.from(`${text}\0`);
  const head = Buffer.alloc(12);
  head.writeInt32LE(TEXT, 4);
  head.writeInt32LE(value.length, 8);
  return Long.fromBytesLE([...createHash('md5').update(head).update(value).digest().subarray(0, 8)]);
}

class StandInRouter extends Relay {
  constructor(cluster) {
    super();
    this.cluster = cluster;
    /** Every command but greetings, in the order they came. */
    this.seen = [];
    /** How many answers of writes are to be lost, with the connection. */
    this.losing = 0;
    this.cursors = 0;
    /** Of each collection, in order: the shard that has what is hashed below `max`. */
    this.chunks = new Map();
  }

  join(client) {
    const shards = this.cluster.shardPorts.map((port) => new Upstream(port));
    const streams = new Map();
    this.keep(client, () => {
      for (const shard of shards) shard.end();
    });
    client.on('data', messages((message) => this.serve(message, { client, shards, streams }).catch(() => client.destroy())));
  }

  async serve(message, connection) {
    const id = message.readInt32LE(4);
    const isQuery = message.readInt32LE(12) === OP_QUERY;
    const command = isQuery ? BSON.deserialize(message.subarray(message.indexOf(0, HEADER + 4) + 9)) : commandOf(message, KEEPING);
    const [name] = Object.keys(command);
    if (/^(hello|ismaster)$/i.test(name)) return answer(connection.client, id, greeting(), isQuery);
    this.seen.push(command);
    const reply = await this.perform(name, command, connection);
    if (STATEMENTS[name] && this.losing > 0) {
      this.losing--;
      connection.client.destroy();
    } else answer(connection.client, id, reply);
  }

  perform(name, command, { shards, streams }) {
    if (STATEMENTS[name]) return this.write(name, command, shards);
    if (ON_ALL_SHARDS.has(name)) return Promise.all(shards.map((shard) => shard.ask(command))).then(merged);
    const stage = command.pipeline?.[0]?.$changeStream;
    if (stage) return this.watch(command, stage, shards, streams);
    const stream = streams.get(String(name === 'getMore' && command.getMore));
    if (stream) return stream.next(command);
    if (name === 'killCursors') return shards[0].ask({ ping: 1, $db: 'admin' });
    if (!ROUTED[name]) return shards[0].ask(command);
    const { [name]: subject, ...rest } = command;
    return shards[0].ask({ [ROUTED[name]]: subject, ...rest });
  }

  /** Each statement to the shard that has its document, all others to both. */
  async write(name, command, shards) {
    const list = command[STATEMENTS[name]];
    const parts = shards.map(() => []);
    list.forEach((statement, index) => {
      for (const shard of this.placesOf(name, command[name], statement)) parts[shard].push(index);
    });
    const replies = await Promise.all(parts.map(async (indexes, shard) => {
      if (indexes.length === 0) return null;
      const numbers = command.txnNumber === undefined ? {} : { stmtIds: indexes };
      const reply = await shards[shard].ask({ ...command, [STATEMENTS[name]]: indexes.map((index) => list[index]), ...numbers });
      for (const one of [...reply.upserted ?? [], ...reply.writeErrors ?? []]) one.index = indexes[one.index];
      return reply;
    }));
    return merged(replies.filter(Boolean));
  }

  placesOf(name, collection, statement) {
    const { _id: id } = name === 'insert' ? statement : statement.q;
    if (typeof id === 'string') return [this.placeOf(collection, id)];
    const isForMany = name === 'delete' ? statement.limit === 0 : statement.multi;
    // As a router refuses it: which shard should it be?
    if (!isForMany) throw new Error('a write to one document must name its shard key');
    return [0, 1];
  }

  placeOf(collection, id) {
    const hash = hashOf(id);
    return this.chunks.get(collection).find(({ max }) => max === null || hash.lessThan(max)).shard;
  }

  async watch(command, stage, shards, streams) {
    const id = Long.fromNumber(++this.cursors);
    const stream = new MergedStream(id, command, shards);
    streams.set(String(id), stream);
    return stream.open(stage);
  }
}

/** The change streams of all shards as one, in the order of their tokens, which is that of the cluster's time. */
class MergedStream {
  constructor(id, command, shards) {
    this.id = id;
    this.command = command;
    this.parts = shards.map((shard) => ({ shard, events: [], upTo: '', cursor: null }));
  }

  async open({ resumeAfter, startAfter, ...stage }) {
    const token = (resumeAfter ?? startAfter)?._data;
    this.behind = token ?? '';
    // The place of one shard is none of the other's: both begin at its time, and what is not behind it is left out.
    if (token) stage.startAtOperationTime = new BSON.Timestamp(BigInt(`0x${token.slice(2, 18)}`));
    const [, ...rest] = this.command.pipeline;
    const replies = await Promise.all(this.parts.map(({ shard }) => shard.ask({ ...this.command, pipeline: [{ $changeStream: stage }, ...rest] })));
    if (replies.some(({ ok }) => ok !== 1)) return replies.find(({ ok }) => ok !== 1);
    replies.forEach((reply, index) => this.take(this.parts[index], reply, 'firstBatch'));
    return this.reply(replies, 'firstBatch');
  }

  take(part, { cursor }, batch) {
    part.cursor = cursor.id;
    part.events.push(...cursor[batch].filter(({ _id }) => _id._data > this.behind));
    part.upTo = cursor.postBatchResumeToken._data;
  }

  async next({ collection, lsid, $db }) {
    const replies = await Promise.all(this.parts.map(({ shard, cursor }) => {
      return shard.ask({ getMore: cursor, collection, maxTimeMS: AWAIT_MS, lsid, $db });
    }));
    if (replies.some(({ ok }) => ok !== 1)) return replies.find(({ ok }) => ok !== 1);
    replies.forEach((reply, index) => this.take(this.parts[index], reply, 'nextBatch'));
    return this.reply(replies, 'nextBatch');
  }

  /** An event is passed on once the other shard has nothing before it any more. */
  reply(replies, batch) {
    const upTo = this.parts.map((part) => part.upTo).sort()[0];
    const due = this.parts.flatMap(({ events }) => events).filter(({ _id }) => _id._data <= upTo);
    for (const part of this.parts) part.events = part.events.filter(({ _id }) => _id._data > upTo);
    due.sort((one, other) => (one._id._data < other._id._data ? -1 : 1));
    const cursor = { id: this.id, ns: `${this.command.$db}.${this.command.aggregate}`, [batch]: due, postBatchResumeToken: { _data: upTo } };
    return { ...timesOf(replies), cursor, ok: 1 };
  }
}

/** A connection to a shard. */
class Upstream {
  constructor(port) {
    this.waiting = new Map();
    this.last = 0;
    this.socket = net.connect(port, '127.0.0.1').on('error', () => {}).on('close', () => this.end());
    this.socket.on('data', messages((message) => {
      this.waiting.get(message.readInt32LE(8))?.resolve(commandOf(message, KEEPING));
      this.waiting.delete(message.readInt32LE(8));
    }));
  }

  ask(command) {
    return new Promise((resolve, reject) => {
      this.waiting.set(++this.last, { resolve, reject });
      this.socket.write(framed(command, { id: this.last }));
    });
  }

  end() {
    this.socket.destroy();
    for (const { reject } of this.waiting.values()) reject(new Error('the connection has ended'));
    this.waiting.clear();
  }
}

function greeting() {
  return {
    ismaster: true, isWritablePrimary: true, msg: 'isdbgrid', helloOk: true, maxBsonObjectSize: 16_777_216, maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000, localTime: new Date(), logicalSessionTimeoutMinutes: 30, minWireVersion: 0, maxWireVersion: 17, ok: 1
  };
}

/** What several shards answered, as one answer. */
function merged(replies) {
  const failed = replies.find(({ ok }) => ok !== 1);
  if (failed) return failed;
  const [first] = replies;
  const sum = (name) => replies.reduce((total, reply) => total + Number(reply[name] ?? 0), 0);
  const lists = ['upserted', 'writeErrors'].map((name) => [name, replies.flatMap((reply) => reply[name] ?? [])]);
  return {
    ...first,
    ...('n' in first && { n: sum('n') }),
    ...('nModified' in first && { nModified: sum('nModified') }),
    ...Object.fromEntries(lists.filter(([, list]) => list.length > 0)),
    ...timesOf(replies)
  };
}

/** The latest times: a router's answer is no earlier than anything it knows of. */
function timesOf(replies) {
  const latest = replies.map(({ $clusterTime }) => $clusterTime).sort((one, other) => one.clusterTime.compare(other.clusterTime)).at(-1);
  return { operationTime: latest.clusterTime, $clusterTime: latest };
}

function answer(client, to, document, isQuery = false) {
  if (!isQuery) return void client.write(framed(document, { to }));
  const body = BSON.serialize(document);
  const head = Buffer.alloc(HEADER + 20);
  [head.length + body.length, 1, to, OP_REPLY].forEach((value, index) => head.writeInt32LE(value, index * 4));
  head.writeInt32LE(1, HEADER + 16);
  client.write(Buffer.concat([head, body]));
}

module.exports = { ShardedCluster };
