'use strict';

const assert = require('node:assert/strict');
const { inspect } = require('node:util');
const { parse } = require('../../../lib/connection');
const { Realm } = require('../../../lib/native/binding');
const { useConnections, useServer } = require('../../support/connections');

const TOKEN = 'marked-secret-token';
const KEY = 'marked-secret-key';
const OPTIONS = { authMechanism: 'MONGODB-AWS', authMechanismProperties: { AWS_SESSION_TOKEN: TOKEN } };

describe('MONGODB-AWS', () => {
  const assertSilent = (error) => {
    const shown = `${error.stack} ${inspect(error, { depth: 9, showHidden: true })}`;
    assert.doesNotMatch(shown, /marked-secret/);
  };

  if (!Realm.features().includes('aws-auth')) {
    it('is refused by an addon without it, which says how to get it', () => {
      assert.throws(() => parse(`mongodb://id:${KEY}@h/`, OPTIONS), (error) => {
        assert.equal(error.name, 'MongoCompatibilityError');
        assert.match(error.message, /^authMechanism MONGODB-AWS is not supported: .*install\.js --features aws-auth/);
        assertSilent(error);
        return true;
      });
    });
    return;
  }

  const server = useServer({ args: ['--auth'] });
  const connections = useConnections();
  const at = (user = '') => `mongodb://${user}127.0.0.1:${server.port}/`;

  it('takes its account from the URI, from auth, or from the environment', () => {
    for (const [uri, options] of [
      [`mongodb://id:${KEY}@h/?authMechanism=MONGODB-AWS&authMechanismProperties=AWS_SESSION_TOKEN:${TOKEN}`],
      ['mongodb://h/', { ...OPTIONS, auth: { username: 'id', password: KEY } }]
    ]) {
      assert.deepEqual(parse(uri, options).credential, {
        source: '$external', username: 'id', password: KEY, mechanism: 'MONGODB-AWS', mechanismProperties: { AWS_SESSION_TOKEN: TOKEN }
      });
    }
    assert.deepEqual(parse('mongodb://h/?authMechanism=MONGODB-AWS').credential, { source: '$external', mechanism: 'MONGODB-AWS' });
  });

  it('is refused with another authSource, and with half an account', () => {
    assert.throws(() => parse('mongodb://h/?authMechanism=MONGODB-AWS&authSource=db'), {
      name: 'MongoAPIError', message: "Invalid source 'db' for mechanism 'MONGODB-AWS' specified."
    });
    assert.throws(() => parse('mongodb://id@h/?authMechanism=MONGODB-AWS'), { name: 'MongoMissingCredentialsError' });
  });

  it('is refused by a server that does not have it, in the server\'s words', async () => {
    const error = await connections.refused(at(`id:${KEY}@`), OPTIONS);
    assert.equal(error.name, 'MongoServerError');
    assert.deepEqual([error.code, error.codeName], [334, 'MechanismUnavailable']);
    assert.match(error.message, /mechanism MONGODB-AWS which is not enabled/);
    assertSilent(error);
  });
});
