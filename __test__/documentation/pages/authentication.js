'use strict';

/** Runs the listings of docs/authentication.md against logins that a proxy plays: MongoDB has them in its commercial edition only. */

const assert = require('node:assert/strict');
const vm = require('node:vm');
const { Binary, BSON } = require('mongodb');
const { AwsLogins } = require('../../support/aws-login');
const { sharedServer } = require('../../support/server');
const { WireProxy } = require('../../support/wire-proxy');
const { Page, ROOT } = require('../../support/markdown');

const page = new Page('docs/authentication.md');
const portOf = async () => Number(/:(\d+)/.exec((await sharedServer()).uri)[1]);

describe('docs/authentication.md', () => {
  it('a callback whose token is sent', async () => {
    const proxy = await new WireProxy(await portOf()).open();
    const tokens = new Set();
    proxy.treat = (request) => {
      if (request.name !== 'saslStart') return undefined;
      tokens.add(BSON.deserialize(request.command.payload.buffer).jwt);
      request.answer({ ok: 1, conversationId: 1, done: true, payload: new Binary(Buffer.alloc(0)) });
      return true;
    };
    const store = vm.runInNewContext(`${page.block('OIDC_CALLBACK: async')}; store;`, {
      MongoDBStore: require(ROOT)(require('express-session')),
      uri: `mongodb://127.0.0.1:${proxy.port}/?directConnection=true`,
      tokenFor: async (audience, signal) => `for ${audience}, ${signal.aborted}`
    });
    try {
      await store.initialConnectionPromise;
      assert.deepEqual([...tokens], ['for mongodb, false']);
    } finally {
      await store.close();
      await proxy.close();
    }
  });

  it('a role whose account logs in', async () => {
    const proxy = await new AwsLogins(await portOf()).open();
    const role = { id: 'ASIAROLE', secret: 'a secret', token: 'a token' };
    proxy.accounts = [role];
    const uri = `mongodb://127.0.0.1:${proxy.port}/?directConnection=true`;
    const code = page.block('AWS_CREDENTIAL_PROVIDER').replace(/'mongodb\+srv:[^']*'/, 'uri').replace('const store', 'var store');
    assert.ok(code.includes('uri: uri'));
    const asked = [];
    const fromTemporaryCredentials = (options) => async () => {
      asked.push(options.params.RoleArn);
      return { accessKeyId: role.id, secretAccessKey: role.secret, sessionToken: role.token };
    };
    const store = vm.runInNewContext(`${code}; store;`, {
      MongoDBStore: require(ROOT)(require('express-session')),
      require: (name) => ({ '@aws-sdk/credential-providers': { fromTemporaryCredentials } })[name],
      roleArn: 'arn:aws:iam::1:role/shop',
      uri
    });
    try {
      await store.initialConnectionPromise;
      assert.deepEqual([...new Set(proxy.logins)], [role.id]);
      assert.deepEqual([...new Set(asked)], ['arn:aws:iam::1:role/shop']);
    } finally {
      await store.close();
      await proxy.close();
    }
  });
});
