'use strict';

/**
 * The server's side of `MONGODB-AWS`, which MongoDB has in its commercial edition only: played in front of a real server
 * that asks for no login, as the specification has it. The signature is judged by another implementation (`aws4`).
 *
 * https://github.com/mongodb/specifications/blob/master/source/auth/auth.md#mongodb-aws
 */

const assert = require('node:assert/strict');
const { randomBytes } = require('node:crypto');
const aws4 = require('aws4');
const { Binary, BSON } = require('mongodb');
const { WireProxy } = require('./wire-proxy');

const BODY = 'Action=GetCallerIdentity&Version=2011-06-15';
/** What servers answer without a login. */
const FREE = ['ping', 'buildInfo', 'endSessions'];
const REGIONS = { 'sts.amazonaws.com': 'us-east-1', 'sts.eu-west-1.amazonaws.com': 'eu-west-1', localhost: 'us-east-1', 'sts.moon': 'moon' };
/** AWS takes a signature for some minutes. */
const FRESH_MS = 5 * 60_000;

/** @returns {string} the header that signs the server's challenge for this account */
function authorization({ host, region, nonce, date, account: { id, secret, token } }) {
  const headers = {
    'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': BODY.length, 'X-Amz-Date': date,
    'X-MongoDB-Server-Nonce': nonce, 'X-MongoDB-GS2-CB-Flag': 'n'
  };
  const credentials = { accessKeyId: id, secretAccessKey: secret, ...(token && { sessionToken: token }) };
  return aws4.sign({ method: 'POST', host, region, service: 'sts', path: '/', body: BODY, headers }, credentials).headers.Authorization;
}

function timeOf(date) {
  return Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

class AwsLogins extends WireProxy {
  honest() {
    super.honest();
    /** Who may log in: `{ id, secret, token }`. */
    this.accounts = [];
    /** Who has logged in, by connection, in the order they came: ids. */
    this.logins = [];
    /** What came that no client may send. */
    this.faults = [];
    this.host = 'sts.amazonaws.com';
    /** @type {function(object): object} another challenge in the place of the right one */
    this.challenge = (right) => right;
    this.treat = (request) => this.judge(request);
    /** @type {WeakMap<object, object>} conversations by connection */
    this.conversations = new WeakMap();
    this.admitted = new WeakSet();
  }

  judge(request) {
    const { name, connection } = request;
    try {
      if (name === 'saslStart') return this.start(request);
      if (name === 'saslContinue') return this.goOn(request);
    } catch (fault) {
      this.faults.push(fault.message);
      return this.refuse(request);
    }
    if (this.admitted.has(connection) || FREE.includes(name)) return undefined;
    request.answer({ ok: 0, code: 13, codeName: 'Unauthorized', errmsg: `Command ${name} requires authentication` });
    return true;
  }

  refuse(request) {
    request.answer({ ok: 0, code: 18, codeName: 'AuthenticationFailed', errmsg: 'Authentication failed.' });
    return true;
  }

  start(request) {
    const { command, connection } = request;
    assert.deepEqual([command.mechanism, command.$db], ['MONGODB-AWS', '$external']);
    assert.ok(!('options' in command));
    const { r: nonce, p: flag, ...more } = BSON.deserialize(command.payload.buffer);
    assert.deepEqual([nonce.length(), flag, more], [32, 110, {}]);
    const { s, h } = this.challenge({ s: Buffer.concat([nonce.buffer, randomBytes(32)]), h: this.host });
    this.conversations.set(connection, { nonce: s, host: h, api: command.apiVersion });
    const payload = new Binary(BSON.serialize({ s: new Binary(s), h }));
    request.answer({ ok: 1, conversationId: 7, done: false, payload });
    return true;
  }

  goOn(request) {
    const { command, connection } = request;
    const { nonce, host, api } = this.conversations.get(connection);
    assert.deepEqual([Number(command.conversationId), command.$db, command.apiVersion], [7, '$external', api]);
    const { a: header, d: date, t: token, ...more } = BSON.deserialize(command.payload.buffer);
    assert.deepEqual(more, {});
    assert.ok(Math.abs(timeOf(date) - performance.timeOrigin - performance.now()) < FRESH_MS, `the signature is of ${date}`);
    const account = this.accounts.find((each) => header.includes(`Credential=${each.id}/`));
    const expected = account && authorization({ host, region: REGIONS[host], nonce: nonce.toString('base64'), date, account });
    if (header !== expected || token !== account.token) return this.refuse(request);
    this.logins.push(account.id);
    this.admitted.add(connection);
    request.answer({ ok: 1, conversationId: 7, done: true, payload: new Binary(Buffer.alloc(0)) });
    return true;
  }
}

module.exports = { AwsLogins, authorization };
