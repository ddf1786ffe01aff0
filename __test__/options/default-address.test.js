'use strict';

/** A store that would connect to the default address though another one was meant. */

const assert = require('node:assert/strict');
const { runScript } = require('../support/child');

/** What a store with these options warns of, and the error of its connection; nobody listens on the default port. */
async function outcome(...list) {
  const { stdout, stderr, code } = await runScript(`
    const said = [];
    process.on('warning', ({ code, message }) => said.push([code, message]));
    const Store = require('.')(require('express-session'));
    const connecting = [${list.join()}].map((options) => new Promise((resolve) => {
      new Store({ connectionOptions: { serverSelectionTimeoutMS: 1 }, ...options }, (error) => resolve(error?.message));
    }));
    Promise.all(connecting).then((messages) => console.log(JSON.stringify({ said, messages })));`);
  assert.equal(code, 0, stderr);
  const { said, messages } = JSON.parse(stdout);
  return { messages, warned: said.filter(([kind]) => kind === 'MONGODB_STORE_DEFAULT_ADDRESS').map(([, message]) => message) };
}

const ADDRESS = 'MongoDBStore connects to its default address, mongodb://127.0.0.1:27017/test, because ';

describe('the default address', () => {
  it('is warned about when `uri` is given and undefined, once', async () => {
    const { warned } = await outcome('{ uri: process.env.NOT_SET }', '{ uri: undefined }');
    assert.deepEqual(warned, [`${ADDRESS}the option \`uri\` was given and is undefined: is an environment variable missing?`]);
  });

  for (const name of ['clientPromise', 'mongooseConnection', 'mongoUrl', 'url']) {
    it(`is warned about when only \`${name}\` is given`, async () => {
      const { warned } = await outcome(`{ ${name}: {} }`);
      assert.deepEqual(warned, [`${ADDRESS}the option \`uri\` is not given, and \`${name}\` has no effect`]);
    });
  }

  it('is not warned about when nobody meant another one', async () => {
    const { warned } = await outcome('{}', '{ uri: "mongodb://127.0.0.1:1", clientPromise: {} }');
    assert.deepEqual(warned, []);
  });

  it('is in the error of a connection that fails, with the reason', async function unreachable() {
    const { messages } = await outcome('{ uri: null }', '{ mongoUrl: "mongodb://db" }', '{ uri: "mongodb://127.0.0.1:1" }');
    // Somebody may have a server there.
    if (messages[0] === undefined) this.skip();
    assert.match(messages[0], /^Error connecting to db: .* \(the address is the default, because the option `uri` was given and is null: is an environment variable missing\?\)$/);
    assert.match(messages[1], / \(the address is the default, because the option `uri` is not given, and `mongoUrl` has no effect\)$/);
    assert.doesNotMatch(messages[2], /default/);
  });
});
