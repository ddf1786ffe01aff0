'use strict';
const { MongoParseError } = require('../errors');
function parse(uri, options) {
  if (!/^mongodb:\/\//.test(uri)) throw new MongoParseError('Invalid scheme, expected connection string to start with "mongodb://" or "mongodb+srv://"');
  const [, auth, list, db, query] = /^mongodb:\/\/(?:([^@/]*)@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/.exec(uri);
  const settings = { hosts: list.split(',').map((h) => ({ host: h.split(':')[0], port: Number(h.split(':')[1] || 27017) })), maxPoolSize: 100 };
  if (db) settings.defaultDatabase = db;
  if (auth) settings.credential = { username: auth.split(':')[0], password: auth.split(':')[1], source: 'admin' };
  const all = { ...Object.fromEntries(new URLSearchParams(query || '')), ...options };
  for (const k of ['serverSelectionTimeoutMS', 'connectTimeoutMS', 'socketTimeoutMS', 'timeoutMS', 'maxPoolSize', 'heartbeatFrequencyMS']) if (all[k] !== undefined) settings[k] = Number(all[k]);
  if (all.replicaSet) settings.replicaSet = all.replicaSet;
  return settings;
}
module.exports = { parse };
