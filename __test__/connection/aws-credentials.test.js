'use strict';

/** Credentials of AWS that are in no option, where the application has no AWS SDK, and what the SDK is asked where it has. */

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const sinon = require('sinon');
const application = require('../../lib/application');
const { withMetadata } = require('../support/metadata');

const FILE = require.resolve('../../lib/connection/aws-credentials');
const MINUTE_MS = 60_000;
const answerOf = (id, more) => JSON.stringify({ Code: 'Success', AccessKeyId: id, SecretAccessKey: `marked ${id}`, Token: `token ${id}`, ...more });
const credentialsOf = (id) => ({ accessKeyId: id, secretAccessKey: `marked ${id}`, sessionToken: `token ${id}` });

describe('Credentials of AWS', () => {
  let clock;
  let sdk;
  /** Of a module that knows nothing yet. */
  let fromEnvironment;

  beforeEach(() => {
    clock = sinon.useFakeTimers({ now: Date.parse('2026-01-01T00:00:00Z'), toFake: ['Date'] });
    sdk = sinon.stub(application, 'resolveFromApplication').returns(undefined);
    delete require.cache[FILE];
    ({ fromEnvironment } = require(FILE));
  });

  afterEach(() => {
    sinon.restore();
    clock.restore();
    delete process.env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI;
    delete process.env.AWS_REGION;
    delete process.env.AWS_STS_REGIONAL_ENDPOINTS;
    delete require.cache[FILE];
  });

  const inContainer = (answer, use) => {
    process.env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI = '/v2/credentials/of-a-task';
    return withMetadata(answer, use);
  };

  it('are those of the container\'s role', async () => {
    const asked = await inContainer(() => [200, answerOf('task')], async () => {
      assert.deepEqual(await fromEnvironment(false), credentialsOf('task'));
    });
    assert.deepEqual(asked.map(({ method, host, url }) => [method, host, url]), [['GET', '169.254.170.2', '/v2/credentials/of-a-task']]);
  });

  it('are those of the machine\'s role, for a token', async () => {
    const answers = {
      'PUT /latest/api/token': 'for one question',
      'GET /latest/meta-data/iam/security-credentials': 'shop-role\n',
      'GET /latest/meta-data/iam/security-credentials/shop-role': answerOf('machine')
    };
    const asked = await withMetadata(({ method, url }) => [200, answers[`${method} ${url}`]], async () => {
      assert.deepEqual(await fromEnvironment(false), credentialsOf('machine'));
    });
    assert.deepEqual(asked.map(({ method, host, url }) => `${method} ${url} ${host}`), Object.keys(answers).map((each) => `${each} 169.254.169.254`));
    assert.equal(asked[0].headers['x-aws-ec2-metadata-token-ttl-seconds'], '30');
    for (const { headers } of asked.slice(1)) assert.equal(headers['x-aws-ec2-metadata-token'], 'for one question');
  });

  it('are asked for once, until five minutes before they end, and again when the server refuses them', async () => {
    let count = 0;
    const ends = () => new Date(Date.now() + 60 * MINUTE_MS).toISOString();
    await inContainer(() => [200, answerOf(`role ${++count}`, { Expiration: ends() })], async () => {
      const id = async (again = false) => (await fromEnvironment(again)).accessKeyId;
      assert.deepEqual(await Promise.all([id(), id(), id()]), ['role 1', 'role 1', 'role 1']);
      clock.tick(55 * MINUTE_MS - 1);
      assert.equal(await id(), 'role 1');
      clock.tick(1);
      assert.equal(await id(), 'role 2');
      assert.equal(await id(true), 'role 3');
      assert.equal(await id(), 'role 3');
    });
  });

  it('that say no end, or could not be had, are asked for each time', async () => {
    let count = 0;
    await inContainer(() => (++count === 1 ? [500, 'marked'] : [200, answerOf(`role ${count}`)]), async () => {
      await assert.rejects(fromEnvironment(false), { name: 'MongoAWSError', message: 'no credentials from the ECS endpoint: status code 500' });
      assert.equal((await fromEnvironment(false)).accessKeyId, 'role 2');
      assert.equal((await fromEnvironment(false)).accessKeyId, 'role 3');
    });
  });

  it('that cannot be read are not shown', async () => {
    await inContainer(() => [200, 'marked, and no JSON'], async () => {
      await assert.rejects(fromEnvironment(false), { name: 'MongoAWSError', message: 'the ECS endpoint did not answer with JSON' });
    });
  });

  it('are asked of the application\'s SDK where there is one: of one provider, in the region that the environment says', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sdk-'));
    const file = path.join(folder, 'index.js');
    fs.writeFileSync(file, `
      const asked = exports.asked = [];
      exports.fromNodeProviderChain = (...options) => {
        asked.push(options);
        return async (how) => (asked.push(how), { accessKeyId: 'of the SDK' });
      };
    `);
    sdk.withArgs('@aws-sdk/credential-providers').returns(file);
    const asked = async (region, endpoints) => {
      delete require.cache[FILE];
      ({ fromEnvironment } = require(FILE));
      require(file).asked.splice(0);
      process.env.AWS_REGION = region;
      process.env.AWS_STS_REGIONAL_ENDPOINTS = endpoints;
      assert.deepEqual(await fromEnvironment(false), { accessKeyId: 'of the SDK' });
      await fromEnvironment(true);
      const [options, ...how] = require(file).asked;
      assert.deepEqual(how, [{ forceRefresh: false }, { forceRefresh: true }]);
      return options;
    };
    try {
      const inRegion = (region) => [{ clientConfig: { region } }];
      assert.deepEqual(await asked('', ''), []);
      assert.deepEqual(await asked('eu-west-1', ''), []);
      assert.deepEqual(await asked('', 'regional'), []);
      assert.deepEqual(await asked('EU-west-1', 'Regional'), inRegion('eu-west-1'));
      assert.deepEqual(await asked('eu-west-1', 'legacy'), []);
      assert.deepEqual(await asked('eu-south-2', 'legacy'), inRegion('eu-south-2'));
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});
