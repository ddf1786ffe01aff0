'use strict';

/**
 * What holds with which middleware, as the table of docs/middlewares.md says it: whether `touchAfter`, `partialUpdates`
 * and `preventResurrection` have an effect.
 *
 * @type {{[middleware: string]: {version: string, touchAfter: boolean, partialUpdates: boolean, preventResurrection: boolean}}}
 */
module.exports = {
  'express-session': { version: '1.18', touchAfter: true, partialUpdates: true, preventResurrection: true },
  '@fastify/session': { version: '11.1', touchAfter: true, partialUpdates: true, preventResurrection: true },
  'koa-session': { version: '7', touchAfter: true, partialUpdates: true, preventResurrection: true },
  'koa-generic-session': { version: '2', touchAfter: true, partialUpdates: true, preventResurrection: true },
  // It notes every access in the session, and has what applications set under one key.
  'hono-sessions': { version: '0.8', touchAfter: false, partialUpdates: false, preventResurrection: true },
  'next-session': { version: '4', touchAfter: true, partialUpdates: true, preventResurrection: true },
  // It saves an object that is new each time, with the time in it, and the session under one key.
  'express-openid-connect': { version: '3', touchAfter: false, partialUpdates: false, preventResurrection: false }
};
