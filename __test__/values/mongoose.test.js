'use strict';

/**
 * Mongoose 5 to 9, each in an application of its own, whose `node_modules` npm would have filled like that: what a session
 * gives back is used as if it came from the database. The same is done with the original, on the driver that it gets there.
 */

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { execFile } = require('node:child_process');
const { promisify } = require('node:util');
const { ROOT } = require('../support/impl');
const { mongoUri, testClient, uniqueName } = require('../support/server');

const run = promisify(execFile);
const MODULES = path.join(ROOT, 'node_modules');

/** By major: Mongoose's folder, and the driver that npm puts beside the original, where it is Mongoose's. */
const APPLICATIONS = {
  5: { mongoose: 'mongoose5', original: 'mongodb' },
  6: { mongoose: 'mongoose6', original: 'mongodb' },
  7: { mongoose: 'mongoose7', original: 'mongoose7/node_modules/mongodb' },
  8: { mongoose: 'mongoose', original: 'mongoose/node_modules/mongodb' },
  9: { mongoose: 'mongoose9', original: 'mongodb' }
};

describe('Values of a session, in an application with', function() {
  this.timeout(180_000);

  for (const [major, { mongoose, original }] of Object.entries(APPLICATIONS)) {
    describe(`Mongoose ${major}`, () => {
      const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mongoose-'));
      const uris = [];
      let theirs, ours;

      async function outcomes(store) {
        const uri = await mongoUri(uniqueName('mongoose'));
        uris.push(uri);
        const env = { ...process.env, MONGODB_URI: uri, STORE: store };
        const { stdout } = await run(process.execPath, [path.join(folder, 'application.js')], { cwd: folder, env });
        return JSON.parse(stdout);
      }

      before(async () => {
        const modules = path.join(folder, 'node_modules');
        const originals = path.join(modules, 'original');
        fs.mkdirSync(path.join(originals, 'node_modules'), { recursive: true });
        fs.cpSync(path.join(MODULES, 'connect-mongodb-session-original'), originals, { recursive: true });
        const links = {
          'connect-mongodb-session': ROOT,
          mongoose: path.join(MODULES, mongoose),
          mongodb: path.join(MODULES, mongoose, 'node_modules', 'mongodb'),
          'express-session': path.join(MODULES, 'express-session'),
          archetype: path.join(MODULES, 'archetype'),
          'original/node_modules/mongodb': path.join(MODULES, original)
        };
        for (const [name, target] of Object.entries(links)) fs.symlinkSync(target, path.join(modules, name), 'junction');
        fs.copyFileSync(path.join(__dirname, 'mongoose-application.js'), path.join(folder, 'application.js'));
        [theirs, ours] = [await outcomes('original'), await outcomes('connect-mongodb-session')];
      });

      after(async () => {
        fs.rmSync(folder, { recursive: true, force: true });
        const client = await testClient();
        for (const uri of uris) await client.db(new URL(uri).pathname.slice(1)).dropDatabase();
      });

      it('are of its driver\'s classes, for every use', () => {
        assert.deepEqual(ours, Object.fromEntries(Object.keys(ours).map((name) => [name, true])));
      });

      it('are nowhere worse than with the original', () => {
        const right = Object.keys(theirs).filter((name) => theirs[name] === true);
        assert.deepEqual(right.filter((name) => ours[name] !== true), []);
      });
    });
  }
});
