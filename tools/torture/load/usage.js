'use strict';

const fs = require('fs');

function entries(directory) {
  try {
    return fs.readdirSync(directory).length;
  } catch {
    // Only Linux has these.
    return null;
  }
}

/** @returns {{rssMB: number, heapMB: number, externalMB: number, threads: number|null, files: number|null}} of this process */
function usage() {
  global.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  return {
    rssMB: rss / 2 ** 20,
    heapMB: heapUsed / 2 ** 20,
    externalMB: external / 2 ** 20,
    threads: entries('/proc/self/task'),
    files: entries('/proc/self/fd')
  };
}

module.exports = { usage };
