'use strict';

/** A name server with a table for its answers, and processes that ask nobody else. */

const { spawn, spawnSync } = require('node:child_process');
const crypto = require('node:crypto');
const dgram = require('node:dgram');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const readline = require('node:readline');
const packet = require('dns-packet');
const { ROOT } = require('./impl');

const PORT = 53;
const NAME_ERROR = 3;
const SERVER_FAILURE = 2;

class NameServer {
  constructor() {
    /**
     * By lower-case name and type: `{ 'h.example': { A: ['127.0.0.1'] } }`; a name that is null is never answered. `failing`
     * has the types that are answered with a failure of the server.
     */
    this.table = {};
    /** What was asked, as `TYPE name`. */
    this.asked = [];
    this.address = `127.77.${crypto.randomInt(1, 255)}.${crypto.randomInt(1, 255)}`;
  }

  /** @returns {Promise<NameServer>} rejects with EACCES where port 53 is for others */
  async open() {
    this.socket = dgram.createSocket('udp4');
    this.socket.on('message', (message, { port, address }) => {
      const reply = this.reply(message);
      if (reply) this.socket.send(reply, port, address);
    });
    this.socket.bind(PORT, this.address);
    await once(this.socket, 'listening');
    return this;
  }

  close() {
    this.socket.close();
  }

  reply(message) {
    const { id, flags, questions } = packet.decode(message);
    const [{ type, name: asked }] = questions;
    const name = asked.toLowerCase();
    this.asked.push(`${type} ${name}`);
    const known = this.table[name];
    if (known === null) return null;
    const answers = (known?.[type] ?? []).map((value) => {
      return { type, name: asked, ttl: 60, data: type === 'SRV' ? { target: value.name, port: value.port } : value };
    });
    const failure = known?.failing?.includes(type) ? SERVER_FAILURE : 0;
    const code = known === undefined ? NAME_ERROR : failure;
    return packet.encode({ type: 'response', id, flags: flags | packet.RECURSION_AVAILABLE | code, questions, answers });
  }
}

/** Why no process can have a resolv.conf of its own here; null if one can. */
function cannotResolveAlone() {
  if (process.platform !== 'linux') return 'only Linux has mount namespaces';
  const { status, error, stderr } = spawnSync('unshare', ['-rm', 'true'], { encoding: 'utf8' });
  return status === 0 ? null : `unshare does not work: ${error?.message ?? stderr.trim()}`;
}

/**
 * Starts source text in a process that asks one name server.
 *
 * @param {string} nameserver its address
 * @param {string} source CommonJS, with `require` from the repository's root
 * @param {object} [options]
 * @param {string[]} [options.lines] of resolv.conf besides
 * @param {number} [options.timeoutMS] after which it is killed
 * @param {'ignore'|'pipe'} [options.stdin]
 * @returns {{child: ChildProcess, done: Promise<string>}} `done` is what it wrote to stdout
 */
function startWithNameServer(nameserver, source, { lines = [], timeoutMS = 30_000, stdin = 'ignore' } = {}) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'resolv-'));
  const file = path.join(directory, 'resolv.conf');
  fs.writeFileSync(file, [`nameserver ${nameserver}`, 'options timeout:1 attempts:1', ...lines, ''].join('\n'));
  const script = 'mount --bind "$1" "$(readlink -f /etc/resolv.conf)" && exec "$2" -e "$3"';
  const child = spawn('unshare', ['-rm', 'sh', '-c', script, 'sh', file, process.execPath, source], {
    cwd: ROOT, stdio: [stdin, 'pipe', 'pipe'], timeout: timeoutMS, killSignal: 'SIGKILL'
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].setEncoding('utf8').on('data', (text) => (output[name] += text));
  const done = once(child, 'close').then(([code, signal]) => {
    fs.rmSync(directory, { recursive: true, force: true });
    if (code !== 0) throw new Error(`the process ended with ${code ?? signal}: ${output.stderr}`);
    return output.stdout;
  });
  return { child, done };
}

/** A process that asks one name server, and does what it is asked to. */
class Remote {
  /**
   * @param {string} nameserver its address
   * @param {string} source defines `calls`, by name, and may use `tell(news)`
   */
  constructor(nameserver, source) {
    const { child, done } = startWithNameServer(nameserver, `${source}\n${LISTENING}`, { timeoutMS: 90_000, stdin: 'pipe' });
    this.child = child;
    this.done = done;
    // Whoever waits for an answer hears of it.
    done.catch(() => {});
    this.open = new Map();
    this.news = [];
    readline.createInterface({ input: child.stdout }).on('line', (line) => {
      const { id, value, error } = JSON.parse(line);
      if (id === undefined) this.news.push(value);
      else this.open.get(id)(error === undefined ? value : Promise.reject(new Error(error)));
    });
  }

  /** Calls one of its functions; rejects with what it throws, or why the process has ended. */
  async call(name, ...args) {
    const id = this.open.size;
    const answered = new Promise((resolve) => this.open.set(id, resolve));
    this.child.stdin.write(`${JSON.stringify({ id, name, args })}\n`);
    return Promise.race([answered, this.done.then(() => Promise.reject(new Error('the process has ended')))]);
  }

  async end() {
    this.child.stdin.end();
    await this.done.catch(() => {});
  }
}

/** What a `Remote` runs after its source. */
const LISTENING = `
  const say = (message) => console.log(JSON.stringify(message));
  function tell(value) { say({ value }); }
  require('readline').createInterface({ input: process.stdin }).on('line', async (line) => {
    const { id, name, args } = JSON.parse(line);
    try {
      say({ id, value: await calls[name](...args) ?? null });
    } catch (error) {
      say({ id, error: error.stack });
    }
  }).on('close', () => process.exit());
`;

/**
 * Runs source text in a process that asks one name server.
 *
 * @param {string} nameserver its address
 * @param {string} source CommonJS, with `require` from the repository's root
 * @param {number} timeoutMS after which it is killed
 * @param {string[]} lines of resolv.conf besides
 * @returns {Promise<string>} what it wrote to stdout
 */
async function runWithNameServer(nameserver, source, timeoutMS, lines) {
  return startWithNameServer(nameserver, source, { lines, timeoutMS }).done;
}

/** A name server for a suite's tests, which are skipped where there can be none. */
function useNameServer() {
  const names = new NameServer();
  before('be a name server', async function open() {
    let reason = cannotResolveAlone();
    if (!reason) await names.open().catch((error) => (reason = `no name server can be had here: ${error.message}`));
    if (reason) {
      console.log(`      skipped: ${reason}`);
      this.skip();
    }
  });
  after(() => names.socket && names.close());
  return names;
}

module.exports = { NameServer, Remote, cannotResolveAlone, runWithNameServer, useNameServer };
