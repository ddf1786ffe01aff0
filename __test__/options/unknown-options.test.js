'use strict';

/** What is said of options that there are not: which one was meant, and that nothing is protected. */

const assert = require('node:assert/strict');
const { runScript } = require('../support/child');
const versions = require('../connect-mongo/versions/versions.json');

/** What stores with these options warn of, in a process of their own: most is said once for each. */
async function warnings(...list) {
  const { code, stdout, stderr } = await runScript(`
    const Store = require('.')(require('express-session'));
    const said = [];
    process.on('warning', ({ name, code, message }) => said.push({ name, code, message }));
    for (const options of ${JSON.stringify(list)}) new Store({ uri: 'mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=1', ...options }, () => {});
    process.on('exit', () => console.log(JSON.stringify(said)));`);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

const messages = async (...list) => (await warnings(...list)).map(({ message }) => message);
const unknown = (name) => `The option \`${name}\` of MongoDBStore is unknown and has no effect.`;

describe('an option that there is not', () => {
  it('is warned about with the one that was meant, once', async () => {
    const meant = {
      mongoUrl: 'uri', URI: 'uri', dbName: 'databaseName', databasename: 'databaseName', collectionName: 'collection', colection: 'collection',
      experis: 'expires', mongoOptions: 'connectionOptions', touchafter: 'touchAfter', partialUpdate: 'partialUpdates',
      preventResurection: 'preventResurrection', serialise: 'serialize', maxPoolSize: 'connectionOptions: { maxPoolSize }',
      createAutoRemoveIdx: 'createIndexes', ignoreUndefined: "undefinedAs: 'absent'"
    };
    const given = Object.keys(meant).map((name) => ({ [name]: 'x' }));
    assert.deepEqual(await messages(...given, ...given), Object.entries(meant).map(([name, one]) => `${unknown(name)} Did you mean \`${one}\`?`));
  });

  it('is not taken for one that is nothing like it', async () => {
    const names = ['url2go', 'prefix', 'store', 'a', 'cookies'];
    assert.deepEqual(await messages(Object.fromEntries(names.map((name) => [name, 1]))), names.map(unknown));
  });

  it('that asks for protection is told each time that there is none', async () => {
    const nothing = (name, more = '') => `The option \`${name}\` of MongoDBStore has NO effect: sessions are stored as they are, and nothing is protected by it.${more}`;
    assert.deepEqual(await messages({ encryptionKey: 'x' }, { encryptionKey: 'x' }, { secret: 'x' }, { hashID: true }), [
      nothing('encryptionKey'), nothing('encryptionKey'), nothing('secret', ' Did you mean `crypto: { secret }`?'), nothing('hashID', ' Did you mean `hashIds`?')
    ]);
  });

  it('that asks for protection is unknown, no more, where sessions are encrypted', async () => {
    const crypto = { secret: 'a passphrase' };
    assert.deepEqual(await messages({ cryptoAdapter: {}, crypto }), [`${unknown('cryptoAdapter')} See \`crypto\`, or \`serialize\` and \`unserialize\`.`]);
  });

  it('is warned about when it is one of connect-mongo, and none else of those is', async () => {
    const same = ['autoRemove', 'autoRemoveInterval', 'client', 'collection', 'crypto', 'serialize', 'touchAfter', 'transformId', 'unserialize'];
    const theirs = new Set(Object.values(versions).flatMap(({ options }) => options.filter((name) => !name.includes('.'))));
    const others = [...theirs].filter((name) => !same.includes(name));
    const said = await warnings(Object.fromEntries(others.map((name) => [name, 'x'])), { autoRemove: 'native', autoRemoveInterval: 10, collection: 'c', touchAfter: 1 });
    assert.deepEqual(said.map(({ message }) => /`(\w+)`/.exec(message)[1]), others);
    for (const { name, code } of said) assert.deepEqual([name, code], ['MongoDBStoreWarning', 'MONGODB_STORE_UNKNOWN_OPTION']);
  });
});
