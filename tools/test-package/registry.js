'use strict';

/**
 * A package registry on this machine that has the packages under test as if they were published; whoever asks for
 * another one is sent on to the registry that npm is configured for.
 */

const { execFileSync } = require('child_process');
const crypto = require('crypto');
const { once } = require('events');
const fs = require('fs');
const http = require('http');

/** Package managers may refuse what was published a moment ago. */
const LONG_AGO = '2020-01-01T00:00:00.000Z';

/** What npm says; npm is configured for this machine. */
function npm(...args) {
  const shell = process.platform === 'win32';
  return execFileSync('npm', args, { encoding: 'utf8', shell, stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}

/** @typedef {{manifest: object, tarball: string}} Published */

/** @param {Published} published @param {string} url of this registry @param {object[]} others earlier versions */
function packument({ manifest, tarball }, url, others) {
  const content = fs.readFileSync(tarball);
  const { name, version } = manifest;
  const dist = {
    tarball: `${url}/-/${name}-${version}.tgz`,
    shasum: crypto.createHash('sha1').update(content).digest('hex'),
    integrity: `sha512-${crypto.createHash('sha512').update(content).digest('base64')}`
  };
  return {
    name,
    'dist-tags': { latest: version, alpha: version },
    versions: Object.fromEntries([...others, { ...manifest, dist }].map((one) => [one.version, one])),
    time: Object.fromEntries(['created', 'modified', version, ...others.map((one) => one.version)].map((key) => [key, LONG_AGO]))
  };
}

/**
 * @param {Published[]} packages
 * @param {Record<string, string>} [before] versions of these packages, by name, that are on the registry already
 * @returns {Promise<{url: string, fetched: string[], close: () => Promise<void>}>} `fetched` collects the names of
 *   the packages under test whose tarballs were asked for
 */
async function startRegistry(packages, before = {}) {
  const upstream = npm('config', 'get', 'registry').replace(/\/$/, '');
  const earlier = new Map(Object.entries(before).map(([name, version]) => [name, [JSON.parse(npm('view', `${name}@${version}`, '--json'))]]));
  const byName = new Map(packages.map((published) => [published.manifest.name, published]));
  const byTarball = new Map(packages.map((published) => {
    const { name, version } = published.manifest;
    return [`${name}-${version}.tgz`, published];
  }));
  const fetched = [];
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://registry');
    const [, file] = /^\/-\/(.+\.tgz)$/.exec(pathname) ?? [];
    const asked = byTarball.get(file) ?? byName.get(decodeURIComponent(pathname.slice(1)));
    if (asked === undefined) {
      response.writeHead(307, { location: upstream + request.url }).end();
    } else if (file) {
      fetched.push(asked.manifest.name);
      fs.createReadStream(asked.tarball).pipe(response.writeHead(200, { 'content-type': 'application/octet-stream' }));
    } else {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(packument(asked, url, earlier.get(asked.manifest.name) ?? [])));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}`;
  const close = async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return { url, fetched, close };
}

module.exports = { startRegistry };
