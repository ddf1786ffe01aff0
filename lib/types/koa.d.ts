import { EventEmitter } from 'events';
import { ConnectCallback, MongoDBStore } from './store';

export { ConnectCallback };

/** What koa-session says of the request that a call is for. */
export interface KoaRequest {
  /**
   * The request's context. It tells the store which session a later `set` was made of: `touchAfter`, `partialUpdates` and
   * `preventResurrection` need to know.
   */
  ctx?: any;
  /** Whether every request renews its session. */
  rolling?: boolean;
  /** Whether the session changed. */
  changed?: boolean;
}

/** What a store for Koa has of the store for Express, as it is there. */
export type Shared =
  | 'options' | 'client' | 'db' | 'collection' | 'initialConnectionPromise'
  | 'touch' | 'destroyWhere' | 'clear' | 'all' | 'length' | 'ids' | 'close' | 'stats';

/**
 * A store for Koa: its `get`, `set` and `destroy` promise, and are called as `koa-session` and `koa-generic-session` call
 * them. The rest, with the events, is that of the store for Express.
 */
export interface MongoDBKoaStore extends Pick<MongoDBStore, Shared>, EventEmitter {
  /**
   * Reads a session. One that has expired is deleted and not found.
   *
   * @param id must be a string; anything else is refused with a TypeError
   * @param maxAge of the middleware; of no effect
   * @returns the session, or undefined; rejects when it could not be read
   */
  get(id: string, maxAge?: number | 'session', request?: KoaRequest): Promise<any>;

  /**
   * Stores a session, replacing one with that id.
   *
   * @param id must be a string; anything else is refused with a TypeError
   * @param maxAge milliseconds after which it expires. Without such a number it expires at `session.cookie.expires`, else
   *   after the store's option `expires`
   */
  set(id: string, session: object, maxAge?: number | 'session', request?: KoaRequest): Promise<void>;

  /**
   * Deletes a session; one that is not there is no error.
   *
   * @param id must be a string, or an array of them; anything else is refused with a TypeError
   */
  destroy(id: string | string[], request?: KoaRequest): Promise<void>;
}
