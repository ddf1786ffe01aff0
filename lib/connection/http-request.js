'use strict';

/** Asks the services that a cloud offers to its machines, over plain HTTP. */

const http = require('http');

const TIMEOUT_MS = 10_000;

/**
 * @param {string} url
 * @param {{method?: string, headers?: object}} [options]
 * @returns {Promise<{status: number, body: string}>} rejects where there is no whole answer
 */
function request(url, options) {
  return new Promise((resolve, reject) => {
    const asking = http.request(url, { ...options, timeout: TIMEOUT_MS }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => (body += text)).on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode, body }));
    });
    asking.on('timeout', () => asking.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`))).on('error', reject).end();
  });
}

module.exports = { request };
