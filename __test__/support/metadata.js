'use strict';

/** The services that a cloud offers to its machines, under addresses that only those have. */

const http = require('node:http');
const sinon = require('sinon');
const { serve } = require('./http');

/**
 * Plays them for what runs meanwhile.
 *
 * @param {function({method: string, host: string, url: string, headers: object}): [number, string]} answer a status and a body
 * @param {function(): Promise<*>} use
 * @returns {Promise<object[]>} what was asked, in that form
 */
async function withMetadata(answer, use) {
  const asked = [];
  const service = await serve((req, res) => {
    const { method, url, headers } = req;
    const question = { method, host: headers.host, url, headers };
    asked.push(question);
    const [status, body] = answer(question);
    res.writeHead(status).end(body);
  });
  const { request } = http;
  const stub = sinon.stub(http, 'request');
  stub.callsFake((url, options, listener) => {
    const { pathname, search, host } = new URL(url);
    return request(`${service.url}${pathname}${search}`, { ...options, headers: { ...options.headers, host } }, listener);
  });
  try {
    await use();
  } finally {
    stub.restore();
    await service.close();
  }
  return asked;
}

module.exports = { withMetadata };
