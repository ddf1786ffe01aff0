'use strict';

const assert = require('node:assert/strict');
const { BSON } = require('mongodb');

/** A command's statements, to compare. */
const statementsOf = ({ name, statements }) => `${name} ${BSON.EJSON.stringify(statements)}`;

/**
 * What makes the server carry out each write once, however often and however late it gets it: a number of a server
 * session stands for one command, and never falls.
 *
 * @param {Request[]} writes in the order in which they were sent
 */
function assertNumbered(writes) {
  const statements = new Map();
  const highest = new Map();
  for (const write of writes) {
    const { transaction, command: { lsid, txnNumber } } = write;
    assert.notEqual(transaction, null, `${write.name} without a number`);
    assert.equal(statements.get(transaction) ?? statementsOf(write), statementsOf(write), `${transaction} stands for two commands`);
    statements.set(transaction, statementsOf(write));
    const session = lsid.id.toString('hex');
    const number = BigInt(txnNumber.toString());
    assert.ok(number >= (highest.get(session) ?? 0n), `${session}: ${number} after ${highest.get(session)}`);
    highest.set(session, number);
  }
}

module.exports = { assertNumbered };
