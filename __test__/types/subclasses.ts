// Stores that applications derive.

import session = require('express-session');
import connectMongo = require('connect-mongodb-session');

const MongoDBStore = connectMongo(session);

// With callbacks alone, as express-session's own Store is written.
class Shouting extends MongoDBStore {
  shouts = 0;

  constructor(options?: connectMongo.MongoDBSessionOptions, callback?: (error?: Error) => void) {
    super(options, callback);
  }

  override get(sid: string, callback: (err: any, session?: session.SessionData | null) => void): void {
    this.shouts++;
    super.get(sid, (err, found) => callback(err, found));
  }

  override set(sid: string, data: session.SessionData, callback?: (err?: any) => void): void {
    super.set(sid, data, callback);
  }

  override touch(sid: string, data: session.SessionData, callback?: () => void): void {
    super.touch(sid, data, callback);
  }

  override destroy(sid: string, callback?: (err?: any) => void): void {
    super.destroy(sid, callback);
  }

  override all(callback: (err: any, obj?: session.SessionData[] | { [sid: string]: session.SessionData } | null) => void): void {
    super.all(callback);
  }

  override length(callback: (err: any, length?: number) => void): void {
    super.length(callback);
  }

  override clear(callback?: (err?: any) => void): void {
    super.clear(callback);
  }
}

// With new methods, on promises.
class Users extends connectMongo(session) {
  async logout(user: string): Promise<number> {
    const { deletedCount } = await this.collection.deleteMany({ 'session.user': user });
    return deletedCount;
  }

  async read(sid: string): Promise<session.SessionData | undefined> {
    return await super.get(sid);
  }
}

class Wrong extends MongoDBStore {
  // @ts-expect-error Ids are strings.
  override get(sid: number, callback: connectMongo.GetCallback): void {
    callback(null);
  }
}

const shouting: connectMongo.MongoDBStore = new Shouting({ uri: 'mongodb://127.0.0.1/test' }, () => {});
session({ secret: 'secret', store: new Users() });

export { shouting, Wrong };
