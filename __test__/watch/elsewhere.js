'use strict';

/** The other process of `fleet.js`. */

const session = require('express-session');
const impl = require('../support/impl');
const { withFunctions } = require('./functions');

const Store = impl.factory(session);

const store = new Store(withFunctions(JSON.parse(process.argv[2])), (failed) => {
  if (failed) throw failed;
  process.send({ ready: true });
});

process.on('message', ({ number, method, args }) => {
  store[method](...args).then(
    (result) => process.send({ number, result }),
    (error) => process.send({ number, error: error.message })
  );
});
process.on('disconnect', () => store.close());
