'use strict';

/**
 * A TCP relay that keeps back what clients send for a while: network delay. Runs as a process of
 * its own, so that it takes nothing from the threads that are measured.
 *
 * Only requests are kept back, so that `delayMs` is what a round trip takes longer. Node's timers
 * have a grain of a millisecond; a thread that sleeps on an atomic wakes within some 0.1 ms.
 */

const net = require('net');
const { isMainThread, parentPort, Worker, workerData } = require('worker_threads');
const { Relay } = require('../relay');
const { Child, serve } = require('./child');

const ARMED = 0;
const NEVER = 1;

const nowMs = () => Number(process.hrtime.bigint()) / 1e6;

class DelayingRelay extends Relay {
  /**
   * @param {{host: string, port: number}} target
   * @param {number} delayMs
   */
  constructor(target, delayMs) {
    super(target);
    this.delayMs = delayMs;
    /** What waits, in the order it is due: the delay is the same for all. */
    this.queue = [];
    this.head = 0;
    this.flags = new Int32Array(new SharedArrayBuffer(8));
    this.dueAt = new Float64Array(new SharedArrayBuffer(8));
    this.clock = new Worker(__filename, { workerData: { flags: this.flags, dueAt: this.dueAt } });
    this.clock.on('message', () => this.release());
  }

  listener(join) {
    return net.createServer({ allowHalfOpen: true, noDelay: true }, join);
  }

  connect() {
    return net.connect({ ...this.target, allowHalfOpen: true, noDelay: true });
  }

  pass(client, server) {
    client.on('data', (chunk) => this.hold(server, chunk));
    client.on('end', () => this.hold(server, null));
    server.pipe(client);
  }

  hold(socket, chunk) {
    this.queue.push({ dueAt: nowMs() + this.delayMs, socket, chunk });
    if (this.queue.length - this.head === 1) this.arm();
  }

  arm() {
    this.dueAt[0] = this.queue[this.head].dueAt;
    Atomics.store(this.flags, ARMED, 1);
    Atomics.notify(this.flags, ARMED);
  }

  release() {
    const now = nowMs();
    while (this.head < this.queue.length && this.queue[this.head].dueAt <= now) {
      const { socket, chunk } = this.queue[this.head++];
      if (socket.destroyed) continue;
      if (chunk === null) socket.end();
      else socket.write(chunk);
    }
    if (this.head < this.queue.length) {
      if (this.head > 1024) {
        this.queue = this.queue.slice(this.head);
        this.head = 0;
      }
      this.arm();
    } else {
      this.queue = [];
      this.head = 0;
    }
  }

  async close() {
    await super.close();
    await this.clock.terminate();
  }
}

/** The clock's thread: waits to be armed, then until what is due first, then says so. */
function tick({ flags, dueAt }) {
  for (;;) {
    Atomics.wait(flags, ARMED, 0);
    Atomics.store(flags, ARMED, 0);
    const left = dueAt[0] - nowMs();
    if (left > 0) Atomics.wait(flags, NEVER, 0, left);
    parentPort.postMessage(null);
  }
}

/**
 * Starts a relay in a process of its own.
 *
 * @param {{host: string, port: number}} target
 * @param {number} delayMs
 * @returns {Promise<{port: number, stop: function(): Promise<void>}>}
 */
async function startRelay(target, delayMs) {
  const child = new Child(__filename, 'the relay');
  const port = await child.call('open', { target, delayMs });
  return { port, stop: () => child.stop() };
}

module.exports = { startRelay };

if (!isMainThread && workerData?.flags) {
  tick(workerData);
} else if (require.main === module) {
  serve({ open: ({ target, delayMs }) => new DelayingRelay(target, delayMs).open().then(({ port }) => port) });
}
