'use strict';

/** A name server with a table for its answers (RFC 1035, SRV of RFC 2782), and processes that ask nobody else. */

const { spawn, spawnSync } = require('node:child_process');
const crypto = require('node:crypto');
const dgram = require('node:dgram');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const readline = require('node:readline');
const { ROOT } = require('./impl');

const TYPES = { A: 1, TXT: 16, AAAA: 28, SRV: 33 };
const HEADER = 12;
const IN = 1;
const NAME_ERROR = 3;
const SERVER_FAILURE = 2;
/** Response, recursion desired and available. */
const FLAGS = 0x8180;
const PORT = 53;

const encodeName = (name) => Buffer.concat([
  ...name.split('.').filter(Boolean).map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`, 'latin1')),
  Buffer.alloc(1)
]);

const u16 = (...numbers) => {
  const bytes = Buffer.alloc(numbers.length * 2);
  numbers.forEach((number, index) => bytes.writeUInt16BE(number, index * 2));
  return bytes;
};

const DATA = {
  A: (address) => Buffer.from(address.split('.').map(Number)),
  AAAA: (address) => {
    const [head, tail] = address.split('::').map((part) => part.split(':').filter(Boolean).map((group) => parseInt(group, 16)));
    return u16(...head, ...Array(8 - head.length - tail.length).fill(0), ...tail);
  },
  TXT: (texts) => Buffer.concat([].concat(texts).map((text) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]))),
  SRV: ({ name, port }) => Buffer.concat([u16(0, 0, port), encodeName(name)])
};

function readName(message, from) {
  const labels = [];
  let at = from;
  for (let length = message[at]; length > 0; length = message[at]) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 };
}

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
    const { name, end } = readName(message, HEADER);
    const [type] = Object.entries(TYPES).find(([, code]) => code === message.readUInt16BE(end)) ?? ['other'];
    this.asked.push(`${type} ${name}`);
    const known = this.table[name];
    if (known === null) return null;
    const answers = (known?.[type] ?? []).map((value) => {
      const data = DATA[type](value);
      // The name is the question's; answers live for a minute.
      return Buffer.concat([u16(0xc000 + HEADER, TYPES[type], IN, 0, 60, data.length), data]);
    });
    const failure = known?.failing?.includes(type) ? SERVER_FAILURE : 0;
    const flags = FLAGS | (known === undefined ? NAME_ERROR : failure);
    const header = Buffer.concat([message.subarray(0, 2), u16(flags, 1, answers.length, 0, 0)]);
    return Buffer.concat([header, message.subarray(HEADER, end + 4), ...answers]);
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
