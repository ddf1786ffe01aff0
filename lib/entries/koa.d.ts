import { MongoDBSessionOptions } from '../../index';
import * as types from '../types/koa';

export = MongoDBKoaStore;

/**
 * The store class for `koa-session` and `koa-generic-session`. It can be called with and without `new`.
 *
 * @example
 * ```ts
 * import Koa from 'koa';
 * import session from 'koa-session';
 * import mongoStore from 'connect-mongodb-session/koa';
 *
 * const app = new Koa();
 * const store = mongoStore({ uri: process.env.MONGODB_URI });
 * app.keys = [process.env.SESSION_SECRET ?? 'change this'];
 * app.use(session({ store, maxAge: 86_400_000 }, app));
 * ```
 */
declare const MongoDBKoaStore: MongoDBKoaStore.Constructor;

declare namespace MongoDBKoaStore {
  /** The store class. */
  interface Constructor {
    /**
     * Opens a store. It connects by itself and takes operations at once; they wait for the connection.
     *
     * @param options those of the package's main export; every one has a default
     * @param callback called once: with nothing when the store is connected and its indexes are there, with the error when
     *   that failed. Without it, a connection that fails is also an unhandled rejection.
     * @throws CastError when an option has a value that cannot be cast, such as `expires: 'soon'`
     * @throws MongoParseError when `uri` or `connectionOptions` cannot be understood
     */
    new (options?: MongoDBSessionOptions | null, callback?: types.ConnectCallback): MongoDBKoaStore;

    /** The same as with `new`. */
    (options?: MongoDBSessionOptions | null, callback?: types.ConnectCallback): MongoDBKoaStore;

    /** What stores inherit from. */
    readonly prototype: MongoDBKoaStore;
  }

  /** A store. */
  type MongoDBKoaStore = types.MongoDBKoaStore;

  /** What koa-session says of the request that a call is for. */
  type KoaRequest = types.KoaRequest;
}
