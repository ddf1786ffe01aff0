'use strict';

/** What a store was given, handed on to the Node driver's own client. */

const assert = require('node:assert/strict');
const { MongoClient } = require('mongodb');
const { forNodeDriver } = require('../../lib/connection/for-node-driver');
const { LEGACY } = require('../../lib/connection/legacy');
const { SECTIONS } = require('../../lib/connection/table');

const HOST = 'mongodb://127.0.0.1:1';

describe('settings for the Node driver', () => {
  for (const [title, uri, expected] of [
    ['without a query', `${HOST}/app`, `${HOST}/app`],
    ['with today\'s options, as they stand', `${HOST}/?maxPoolSize=5&appName=a%20b&readPreferenceTags=dc:a&readPreferenceTags=`, `${HOST}/?maxPoolSize=5&appName=a%20b&readPreferenceTags=dc:a&readPreferenceTags=`],
    ['with an @ in its query', `${HOST}/?appName=@name@&retrywrites=false`, `${HOST}/?appName=@name@&retrywrites=false`],
    ['with an earlier name', `${HOST}/?poolSize=5&w=1`, `${HOST}/?w=1&maxpoolsize=5`],
    ['with an earlier name in another case', `${HOST}/?POOLSIZE=5`, `${HOST}/?maxpoolsize=5`],
    ['with an earlier name and today\'s', `${HOST}/?poolSize=5&maxPoolSize=6`, `${HOST}/?maxPoolSize=6`],
    ['with an earlier name that means the opposite', `${HOST}/?sslValidate=false`, `${HOST}/?tlsallowinvalidcertificates=true`],
    ['with nothing but what has no effect', `${HOST}/app?autoReconnect=true&useNewUrlParser=true`, `${HOST}/app`],
    ['with a password like an option', 'mongodb://u:poolSize=5&p@h/?minSize=1', 'mongodb://u:poolSize=5&p@h/?minpoolsize=1']
  ]) {
    it(`a connection string ${title}`, () => assert.equal(forNodeDriver(uri).uri, expected));
  }

  it('options of today are as they were given, those that are not set left out', () => {
    const ca = [Buffer.from('x')];
    const options = { maxPoolSize: 5, APPNAME: 'app', ca, autoEncryption: undefined, readPreference: null };
    assert.deepEqual(forNodeDriver(HOST, options).options, { maxPoolSize: 5, APPNAME: 'app', ca });
    assert.equal(forNodeDriver(HOST, options).options.ca, ca);
  });

  it('options of earlier drivers are called what they are called today', () => {
    const { options } = forNodeDriver(HOST, { poolSize: 5, sslCA: 'ca', sslValidate: true, replSet: 'rs', MAXPOOLSIZE: 6 });
    assert.deepEqual(options, { MAXPOOLSIZE: 6, ca: 'ca', tlsallowinvalidcertificates: false, replicaset: 'rs' });
  });

  it('nothing is given that is only taken here', () => {
    const values = { sslvalidate: true, poolsize: 5, minsize: 1 };
    const given = Object.fromEntries(Object.keys(LEGACY).map((name) => [name, values[name] ?? 'x']));
    delete given.tlscertificatefile;
    for (const name of [...Object.keys(SECTIONS['Earlier drivers']), 'useNewUrlParser', 'useUnifiedTopology']) given[name] = true;
    const { uri, options } = forNodeDriver(HOST, given);
    const client = new MongoClient(uri, options);
    assert.deepEqual([client.options.maxPoolSize, client.options.minPoolSize, client.options.replicaSet], [5, 1, 'x']);
  });
});
