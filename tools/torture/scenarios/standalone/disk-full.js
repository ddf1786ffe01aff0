'use strict';

const fs = require('fs');
const os = require('os');
const path = require('path');
const { execFileSync } = require('child_process');
const { MongoClient } = require('mongodb');
const { startMongod } = require('../../../mongod');
const { sessionOf } = require('../../load/lanes');
const { StoreProcess } = require('../../load/process');
const { until } = require('../../until');

const DISK_MB = 360;
const SESSION_BYTES = 1024 * 1024;
const MOST = 600;
const SERVED_MS = 30_000;
const CONNECTION = { journal: true, serverSelectionTimeoutMS: 2000, socketTimeoutMS: 8000 };

/** A file system of a few megabytes in memory; undefined where this user may not mount one. */
function smallDisk(sizeMB) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'torture-disk-'));
  const remove = () => fs.rmSync(directory, { recursive: true, force: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMB}m`, 'tmpfs', directory], { stdio: 'ignore' });
  } catch {
    remove();
    return undefined;
  }
  return {
    directory,
    grow: (toMB) => execFileSync('mount', ['-o', `remount,size=${toMB}m`, directory]),
    unmount() {
      execFileSync('umount', ['-l', directory]);
      remove();
    }
  };
}

/** Stores sessions until one is refused: the sids that were acknowledged, and the refusal. */
async function fill(store) {
  const stored = [];
  for (let n = 0; n < MOST; n++) {
    const answer = await store.call('call', { method: 'set', args: [`full${n}`, sessionOf(n, SESSION_BYTES)] });
    if (answer.error) return { stored, refusal: answer };
    stored.push(`full${n}`);
  }
  return { stored };
}

/** No room left on the server's disk. */
async function run({ contestant, checks, progress }) {
  const disk = smallDisk(DISK_MB);
  if (!disk) {
    progress('skipped: this user cannot mount a small file system');
    return { diskFull: 'skipped: needs the right to mount' };
  }
  try {
    // WiredTiger: random bytes would be needed to fill a disk through compression.
    const server = await startMongod({ own: true, dbPath: path.join(disk.directory, 'db'), args: ['--wiredTigerCollectionBlockCompressor', 'none', '--wiredTigerJournalCompressor', 'none'] });
    try {
      return await StoreProcess.with(contestant, undefined, async (store) => {
        await store.open({ uri: `${server.uri}/torture`, connectionOptions: CONNECTION });
        const { stored, refusal } = await fill(store);
        disk.grow(DISK_MB * 3);
        await server.restart();
        const witness = await MongoClient.connect(server.uri);
        const kept = await witness.db('torture').collection('sessions').countDocuments({ _id: { $in: stored } });
        await witness.close();
        checks.add('a full disk is an error through the callback', refusal && refusal.tookMs < 25_000,
          refusal ? `"${refusal.error}" after ${refusal.tookMs} ms` : `${stored.length} sessions were stored without one`);
        checks.add('what was acknowledged before the disk was full is there', kept === stored.length, `${kept} of ${stored.length}`);
        let after;
        await until(async () => {
          after = await store.call('call', { method: 'set', args: ['after', sessionOf(1, 10)] });
          return !after.error;
        }, SERVED_MS);
        checks.add('the store serves again when there is room', !after.error, after.error ?? 'it does');
        return { diskFullAfterMB: stored.length, diskFullMs: refusal?.tookMs ?? null };
      });
    } finally {
      await server.stop();
    }
  } finally {
    disk.unmount();
  }
}

module.exports = { title: 'a full disk', run };
