'use strict';

/** A SOCKS5 proxy (RFC 1928) that connects for whoever knows the password, if it has one (RFC 1929). */

const { once } = require('node:events');
const net = require('node:net');
const { Relay } = require('../../tools/relay');

const NO_PASSWORD = 0;
const PASSWORD = 2;
const NONE_ACCEPTABLE = 0xff;

class SocksProxy extends Relay {
  /** @param {{username: string, password: string}} [account] who may use it; default everybody */
  constructor(account) {
    super();
    this.account = account;
    /** Where clients asked to be connected to, as `host:port`. */
    this.asked = [];
  }

  join(client) {
    this.keep(client);
    this.serve(client).catch(() => client.destroy());
  }

  async serve(client) {
    const read = reader(client);
    const [, methods] = await read(2);
    const offered = [...await read(methods)];
    const method = this.account ? PASSWORD : NO_PASSWORD;
    if (!offered.includes(method)) {
      client.end(Buffer.from([5, NONE_ACCEPTABLE]));
      return;
    }
    client.write(Buffer.from([5, method]));
    if (method === PASSWORD && !await this.admits(client, read)) return;
    const [, command, , type] = await read(4);
    const host = await readHost(read, type);
    const port = (await read(2)).readUInt16BE();
    if (command !== 1) throw new Error('only CONNECT is served');
    this.asked.push(`${host}:${port}`);
    const upstream = net.connect(port, host);
    this.keep(upstream);
    await once(upstream, 'connect');
    client.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
    for (const [from, to] of [[client, upstream], [upstream, client]]) from.on('close', () => to.destroy()).pipe(to);
  }

  async admits(client, read) {
    const text = async () => (await read((await read(1))[0])).toString();
    await read(1);
    const username = await text();
    const password = await text();
    const right = username === this.account.username && password === this.account.password;
    client[right ? 'write' : 'end'](Buffer.from([1, right ? 0 : 1]));
    return right;
  }
}

async function readHost(read, type) {
  if (type === 1) return (await read(4)).join('.');
  if (type === 3) return (await read((await read(1))[0])).toString();
  if (type === 4) {return Array.from({ length: 8 }, (_, index) => index).reduce(async (text, index) => {
    return `${await text}${index ? ':' : ''}${(await read(2)).readUInt16BE().toString(16)}`;
  }, '');}
  throw new Error(`address type ${type}`);
}

/** Gives a function that reads exactly so many bytes of a socket. */
function reader(socket) {
  return async (count) => {
    for (;;) {
      const bytes = count === 0 ? Buffer.alloc(0) : socket.read(count);
      if (bytes !== null && bytes.length === count) return bytes;
      if (socket.destroyed || socket.readableEnded) throw new Error('ended early');
      await Promise.race([once(socket, 'readable'), once(socket, 'close')]);
    }
  };
}

module.exports = { SocksProxy };
