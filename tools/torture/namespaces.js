'use strict';

/** Two hosts on this machine with a link between them that loses packets: network namespaces, veth and nftables. */

const { execFileSync } = require('child_process');

const NETWORK = '10.77.0.0/24';
const ADDRESSES = ['10.77.0.1', '10.77.0.2'];
/** Losses are given in thousands of all packets. */
const OF = 1000;

const runs = (command, ...args) => execFileSync(command, args, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });

/** @returns {string|null} why there can be no such hosts here; null if there can */
function missing() {
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.getuid() !== 0) return 'needs root';
  for (const [command, ...args] of [['ip', '-V'], ['nft', '--version']]) {
    try {
      runs(command, ...args);
    } catch {
      return `needs the command ${command} (${command === 'ip' ? 'iproute2' : 'nftables'})`;
    }
  }
  const name = `torture-probe-${process.pid}`;
  try {
    runs('ip', 'netns', 'add', name);
    runs('ip', 'netns', 'exec', name, 'nft', 'add table inet probe');
    return null;
  } catch (error) {
    return `network namespaces cannot be made here: ${String(error.stderr ?? error.message).trim().split('\n')[0]}`;
  } finally {
    try {
      runs('ip', 'netns', 'del', name);
    } catch {
      // It could not be made.
    }
  }
}

class LossyLink {
  constructor() {
    this.names = ['a', 'b'].map((end) => `torture-${end}-${process.pid}`);
  }

  /** Makes both hosts and the link; they are removed when this process ends, if not before. */
  open() {
    this.atExit = () => this.close();
    process.once('exit', this.atExit);
    const [a, b] = this.names;
    for (const name of this.names) runs('ip', 'netns', 'add', name);
    runs('ip', 'link', 'add', 'wire0', 'netns', a, 'type', 'veth', 'peer', 'name', 'wire0', 'netns', b);
    this.names.forEach((name, n) => {
      runs('ip', '-n', name, 'addr', 'add', `${ADDRESSES[n]}/24`, 'dev', 'wire0');
      for (const device of ['lo', 'wire0']) runs('ip', '-n', name, 'link', 'set', device, 'up');
      runs('ip', 'netns', 'exec', name, 'nft', 'add table inet loss; add chain inet loss out { type filter hook output priority 0; }');
    });
    return this;
  }

  /** @param {number} lost of a thousand packets, each way */
  lose(lost) {
    for (const name of this.names) {
      const rule = lost > 0 ? `; add rule inet loss out ip daddr ${NETWORK} numgen random mod ${OF} < ${lost} drop` : '';
      runs('ip', 'netns', 'exec', name, 'nft', `flush chain inet loss out${rule}`);
    }
  }

  /** What runs a program on a host, to be put before it: the store's is 0, the server's 1. */
  under(host) {
    return ['ip', 'netns', 'exec', this.names[host]];
  }

  get serverAddress() {
    return ADDRESSES[1];
  }

  close() {
    process.off('exit', this.atExit);
    for (const name of this.names) {
      try {
        runs('ip', 'netns', 'del', name);
      } catch {
        // Removed already, or never made.
      }
    }
  }
}

module.exports = { LossyLink, missing };
