// What `all` gives through the types of express-session, which do not know which store it is.

import session = require('express-session');
import express = require('express');
import connectMongo = require('connect-mongodb-session');

declare module 'express-session' {
  interface SessionData {
    user?: { name: string };
  }
}

const app = express();

app.get('/', (req) => {
  req.sessionStore.all?.((err, found) => {
    if (!Array.isArray(found)) return;
    // @ts-expect-error These are documents, or sessions: which has to be looked at first.
    const name: string | undefined = found[0]?.user?.name;
    const names = found.map((one) => ('session' in one ? one.session.user?.name : one.user?.name));
    return [name, names];
  });
  // Callbacks for one kind alone are the application's own claim.
  req.sessionStore.all?.((err: any, found?: session.SessionData[] | { [sid: string]: session.SessionData } | null) => found);
});

const store = new (connectMongo(session))();
store.all((err, found) => found?.map((one) => one.session.user?.name));

// The stores of others are session stores as before.
class Memory extends session.MemoryStore {}
class Own extends session.Store {
  get(sid: string, callback: (err: any, found?: session.SessionData | null) => void): void {
    callback(null);
  }

  set(): void {}

  destroy(): void {}

  override all(callback: (err: any, found?: session.SessionData[] | null) => void): void {
    callback(null, []);
  }
}
session({ secret: 'secret', store: new Memory() });
session({ secret: 'secret', store: new Own() });
new Memory().all((err, found) => found?.['sid']?.user?.name);
