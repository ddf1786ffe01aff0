'use strict';

/** What a mongos of a sharded cluster looks like: a proxy in front of a member of a replica set, whose greetings it changes. */

const { rewritten } = require('./load-balancer');
const { WireProxy } = require('./wire-proxy');

/** What members of a replica set say of it, and no mongos does. */
const OF_A_SET = [
  'setName', 'setVersion', 'hosts', 'primary', 'me', 'secondary', 'electionId', 'lastWrite', 'isreplicaset', 'passives', 'arbiters'
];

function asRouter(greeting) {
  return { ...Object.fromEntries(Object.entries(greeting).filter(([name]) => !OF_A_SET.includes(name))), msg: 'isdbgrid' };
}

class Router extends WireProxy {
  reply(message, connection) {
    super.reply(rewritten(message, asRouter), connection);
  }
}

module.exports = { Router };
