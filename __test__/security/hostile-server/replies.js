'use strict';

/** Lies in well-formed replies: to reads, and to writes. */

const { BSON } = require('mongodb');
const { nested } = require('./framing');

const { Long } = BSON;
const DEEP = BSON.deserialize(nested(90));

/** The reply to `find` with another cursor. */
const cursor = (change) => (reply) => {
  const { document } = reply;
  return reply.saying({ ...document, cursor: { ...document.cursor, ...change(document.cursor) } });
};

/** With other documents. */
const documents = (change) => cursor(({ firstBatch }) => ({ firstBatch: change(firstBatch) }));
const each = (change) => documents((batch) => batch.map((document) => ({ ...document, ...change(document) })));

/** Two fields of one name, which no encoder writes. */
const secondId = (change) => (reply) => {
  const { document } = reply;
  const firstBatch = document.cursor.firstBatch.map(change);
  const bytes = Buffer.from(BSON.serialize({ ...document, cursor: { ...document.cursor, firstBatch } }));
  for (let at = bytes.indexOf('zzz\0'); at >= 0; at = bytes.indexOf('zzz\0')) bytes.write('_id', at);
  return reply.saying(bytes);
};

/** A session that nobody asks for, and so nobody may be given. */
const FOREIGN = { _id: 'mallory', session: { cookie: {}, owner: 'mallory' }, expires: new Date(Date.now() + 1e7) };

const READS = {
  'a cursor without an id': cursor(() => ({ id: undefined })),
  'a cursor whose id is text': cursor(() => ({ id: 'x' })),
  'a cursor that the server does not have': cursor(() => ({ id: Long.fromNumber(4711) })),
  'a cursor with a negative id': cursor(() => ({ id: Long.fromNumber(-1) })),
  'a cursor of another collection': cursor(() => ({ ns: 'other.secrets' })),
  'a cursor of another collection that goes on': cursor(() => ({ ns: 'other.secrets', id: Long.fromNumber(4711) })),
  'a namespace that is none': cursor(() => ({ ns: '' })),
  'a namespace that is a number': cursor(() => ({ ns: 7 })),
  'no cursor': (reply) => reply.saying({ ok: 1 }),
  'a cursor that is text': (reply) => reply.saying({ ok: 1, cursor: 'x' }),
  'no batch': cursor(() => ({ firstBatch: undefined })),
  'a batch that is text': cursor(() => ({ firstBatch: 'x' })),
  'a batch that is a document': cursor(() => ({ firstBatch: { a: 1 } })),
  'a batch of numbers': documents(() => [1, 2, 3]),
  'a batch of nulls': documents(() => [null, null]),
  'a batch of arrays': documents(() => [[], ['_id']]),
  'somebody else\'s session only': documents(() => [FOREIGN]),
  'somebody else\'s session, first': documents((batch) => [FOREIGN, ...batch]),
  'somebody else\'s session, last': documents((batch) => [...batch, FOREIGN]),
  'every session twice': documents((batch) => [...batch, ...batch]),
  'the first session a second time, changed': documents((batch) => [...batch, ...batch.slice(0, 1).map((one) => ({ ...one, session: FOREIGN.session }))]),
  '10,000 sessions': documents((batch) => Array.from({ length: 10_000 }, (_, n) => ({ ...FOREIGN, _id: `mallory${n}` })).concat(batch)),
  'sessions without an id': each(() => ({ _id: undefined })),
  'ids that are numbers': each(() => ({ _id: 7 })),
  'ids in documents': each(({ _id }) => ({ _id: { _id } })),
  'ids with a NUL': each(({ _id }) => ({ _id: `${_id}\0` })),
  'a second id, before it': secondId((document) => ({ zzz: 'mallory', ...document })),
  'a second id, after it': secondId((document) => ({ ...document, zzz: 'mallory' })),
  'no session': each(() => ({ session: undefined })),
  'no expiry': each(() => ({ expires: undefined })),
  'a session that is a number': each(() => ({ session: 7 })),
  'a session that is binary': each(() => ({ session: new BSON.Binary(Buffer.from('cms\x01')) })),
  'a session that is code': each(() => ({ session: new BSON.Code('process.exit()') })),
  'an expiry that is text': each(() => ({ expires: 'tomorrow' })),
  'an expiry of long ago': each(() => ({ expires: new Date(0) })),
  'an expiry beyond all dates': each(() => ({ expires: new Date(8.64e15) })),
  'sessions that are deep': each(({ session }) => ({ session: { ...session, deep: DEEP } })),
  'keys that are special': each(({ session }) => ({ session: { ...session, ...JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}') } })),
  'keys that are special around sessions': each(() => JSON.parse('{"__proto__":{"polluted":true}}'))
};

/** The reply to `update` and `delete` with other fields. */
const fields = (change) => (reply) => reply.saying({ ...reply.document, ...change });
const refused = (index) => fields({ n: 0, writeErrors: [{ index, code: 2, errmsg: 'refused' }] });

const WRITES = {
  'a count that is text': fields({ n: 'many', nModified: 'many' }),
  'a negative count': fields({ n: -1, nModified: -5 }),
  'a huge count': fields({ n: 0x7fffffff, nModified: 0x7fffffff }),
  'a count that is a Long': fields({ n: Long.fromNumber(1) }),
  'a count that is NaN': fields({ n: NaN, nModified: NaN }),
  'no count': fields({ n: undefined, nModified: undefined }),
  'created sessions that were not written': fields({ upserted: [{ index: 99, _id: 'x' }, { index: -1, _id: 'y' }, { index: 'z' }, 7, null] }),
  'created sessions that are text': fields({ upserted: 'x' }),
  'a concern that is text': fields({ writeConcernError: 'x' }),
  'a concern without its parts': fields({ writeConcernError: {} }),
  'no errors': fields({ writeErrors: [] })
};

/** These say that something was not written: no caller may get a success. */
const REFUSALS = {
  'an error of a statement that was not sent': refused(99),
  'errors that are no documents': fields({ n: 0, writeErrors: [7, 'x', null] }),
  'errors that are text': fields({ n: 0, writeErrors: 'refused' }),
  'errors that are a document': fields({ n: 0, writeErrors: { index: 0, code: 2, errmsg: 'refused' } }),
  'an error of a statement before the first': refused(-1),
  'an error of a statement whose number is text': refused('x'),
  'an error of a statement whose number is huge': refused(1e300),
  'an error of no statement': fields({ n: 0, writeErrors: [{ code: 2, errmsg: 'refused' }] }),
  'an error with parts of the wrong types': fields({ n: 0, writeErrors: [{ index: 0, code: 'x', errmsg: 7, errInfo: 'y' }] })
};

module.exports = { FOREIGN, READS, REFUSALS, WRITES };
