'use strict';

/** One mongod process on a free port, of 127.0.0.1 if nothing else is asked for. */

const { spawn } = require('child_process');
const { once } = require('events');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { setTimeout: pause } = require('timers/promises');
const { findMongod } = require('./binary');
const { freePort } = require('./ports');

const START_MS = 60_000;
const STOP_MS = 15_000;
const ATTEMPTS = 5;
const LOG_TAIL = 20;

const ARGS = ['--wiredTigerCacheSizeGB', '0.25', '--setParameter', 'diagnosticDataCollectionEnabled=false'];

/** Whether every thread of a process has stopped; true where the system does not say (it has no /proc). */
function standsStill(pid) {
  const threads = `/proc/${pid}/task`;
  if (!fs.existsSync(threads)) return true;
  return fs.readdirSync(threads).every((thread) => {
    try {
      // "pid (name) state …", and the name may have parentheses in it.
      return fs.readFileSync(`${threads}/${thread}/stat`, 'utf8').split(') ').pop().startsWith('T');
    } catch {
      // It has ended since they were listed.
      return false;
    }
  });
}

class MongodServer {
  /**
   * @param {object} options
   * @param {number} [options.port] default a free one
   * @param {string} [options.dbPath] default a temporary directory
   * @param {boolean} [options.keepData] default whether `dbPath` was given
   * @param {string[]} [options.args] further arguments of mongod
   * @param {string} [options.host] the address to listen on; default 127.0.0.1
   * @param {string[]} [options.under] a program that runs mongod in its own place, with its arguments
   */
  constructor({ port, dbPath, keepData = Boolean(dbPath), args = [], host = '127.0.0.1', under = [] }) {
    this.host = host;
    this.under = under;
    this.port = port;
    this.fixedPort = Boolean(port);
    this.dbPath = dbPath;
    this.keepData = keepData;
    this.args = args;
    this.child = null;
    this.watchdog = null;
    this.log = [];
  }

  get pid() {
    return this.child?.pid;
  }

  get uri() {
    return `mongodb://${this.host}:${this.port}`;
  }

  /** Starts the process and waits until it accepts connections. */
  async start() {
    this.binary ??= await findMongod();
    this.dbPath ??= fs.mkdtempSync(path.join(os.tmpdir(), 'mongod-'));
    fs.mkdirSync(this.dbPath, { recursive: true });
    for (let attempt = 1; ; attempt++) {
      if (!this.port) this.port = await freePort();
      try {
        await this.launch();
        this.fixedPort = true;
        return this;
      } catch (error) {
        // Someone else may have taken the port between asking for it and using it.
        const lostRace = /address already in use/i.test(error.message) && !this.fixedPort;
        if (!lostRace || attempt === ATTEMPTS) {
          if (!this.keepData) fs.rmSync(this.dbPath, { recursive: true, force: true });
          throw error;
        }
        this.port = undefined;
      }
    }
  }

  async launch() {
    const socket = process.platform === 'win32' || this.args.includes('--unixSocketPrefix') ? [] : ['--nounixsocket'];
    const args = ['--dbpath', this.dbPath, '--bind_ip', this.host, '--port', String(this.port), ...ARGS, ...socket, ...this.args];
    this.log = [];
    const [command, ...rest] = [...this.under, this.binary, ...args];
    const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    try {
      await this.ready(child);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
    this.watch(child.pid);
    child.unref();
    child.stdout.unref();
    child.stderr.unref();
  }

  ready(child) {
    return new Promise((resolve, reject) => {
      const fail = (reason) => {
        const tail = this.log.slice(-LOG_TAIL).join('\n');
        reject(new Error(`mongod on port ${this.port} ${reason}. The end of its log:\n${tail}`));
      };
      const timer = setTimeout(() => fail(`was not ready after ${START_MS} ms`), START_MS);
      const read = (text) => {
        this.log.push(...text.split('\n').filter(Boolean));
        if (this.log.length > 200) this.log.splice(0, this.log.length - 100);
        if (/Waiting for connections/i.test(text)) {
          clearTimeout(timer);
          resolve();
        }
      };
      child.stdout.setEncoding('utf8').on('data', read);
      child.stderr.setEncoding('utf8').on('data', read);
      child.once('error', (error) => fail(`could not be started: ${error.message}`));
      child.once('close', (code) => {
        clearTimeout(timer);
        fail(`ended with exit code ${code}`);
      });
    });
  }

  watch(pid) {
    const directories = this.keepData ? [] : [this.dbPath];
    const script = path.join(__dirname, 'watchdog.js');
    const watchdog = spawn(process.execPath, [script, String(pid), ...directories], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true
    });
    watchdog.unref();
    watchdog.stdin.unref();
    watchdog.stdin.on('error', () => {});
    this.watchdog?.kill('SIGKILL');
    this.watchdog = watchdog;
  }

  /** Sends a signal. SIGKILL waits for the end, and SIGSTOP until the process stands still. */
  async kill(signal = 'SIGKILL') {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = signal === 'SIGKILL' ? once(child, 'exit') : null;
    child.ref();
    child.kill(signal);
    await ended;
    // The signal is only sent at first: on a busy machine, threads go on answering until each has stopped.
    while (signal === 'SIGSTOP' && !standsStill(child.pid)) await pause(5);
    child.unref();
  }

  /** Starts again after {@link MongodServer#kill}: same port, same data. */
  async restart() {
    await this.end();
    await this.start();
  }

  async end() {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.ref();
    const ended = once(child, 'exit');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    child.kill('SIGCONT');
    child.kill('SIGTERM');
    await ended;
    clearTimeout(timer);
  }

  /** Ends the process and removes its data. */
  async stop() {
    // Data that goes anyway needs no orderly end, which takes a replica set's member 15 s.
    if (this.keepData) await this.end();
    else await this.kill('SIGKILL');
    this.watchdog?.kill('SIGKILL');
    this.watchdog = null;
    if (!this.keepData) fs.rmSync(this.dbPath, { recursive: true, force: true, maxRetries: 5 });
  }
}

module.exports = { MongodServer };
