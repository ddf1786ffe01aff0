/** NestJS: the session middleware in `main.ts`, sessions in controllers. `npm install && npm run build && npm start`. */

import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import session from 'express-session';
import { AppModule } from './app.module.js';
import { SessionStore } from './session-store.js';

const app = await NestFactory.create<NestExpressApplication>(AppModule, { logger: ['error', 'warn'] });
app.use(session({
  secret: process.env.SESSION_SECRET || 'change this',
  store: app.get(SessionStore).store,
  resave: false,
  saveUninitialized: false,
  cookie: { maxAge: 24 * 60 * 60 * 1000, httpOnly: true, sameSite: 'lax' }
}));
// Closes the store with the application, at SIGTERM.
app.enableShutdownHooks();
await app.listen(process.env.PORT || 3000, '127.0.0.1');
console.log(`listening on ${await app.getUrl()}`);
