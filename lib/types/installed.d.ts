// Without the package, all that comes from here is `any`, by which its absence is recognised below.
// @ts-ignore The application need not have it.
import type * as mongodb from 'mongodb';
import { ConnectionOptions } from './connection-options';
import { Document } from './documents';
import * as native from './native';
import { CollectionInfo } from './options';

// What is not marked as exported is not.
export {};

/** Whether the application has the package `mongodb`: only `any` can be a number. */
type IsInstalled = { client: mongodb.MongoClient } extends { client: number } ? false : true;

/** A type of the package `mongodb` where the application has it, else ours. */
type Installed<Theirs, Ours> = IsInstalled extends true ? Theirs : Ours;

/** The package's class, but for what makes objects of it. */
interface Class<T> {
  /** For test suites that put something in the place of a method. */
  readonly prototype: T;
}

/**
 * A client. Where the application has the package `mongodb`, it has all that the package's `MongoClient` has;
 * what is not done natively is then done by a client of the package, with the same settings.
 */
export type MongoClient = Installed<mongodb.MongoClient, native.MongoClient>;
/** The class of clients. */
export const MongoClient: Installed<
  Class<mongodb.MongoClient> & {
    new (uri: string, options?: ConnectionOptions | null): mongodb.MongoClient;
    connect(uri: string, options?: ConnectionOptions | null): Promise<mongodb.MongoClient>;
  },
  typeof native.MongoClient
>;

/** A database: the package `mongodb`'s, where the application has it. */
export type Db = Installed<mongodb.Db, native.Db>;
/** The class of databases, which come from clients. */
export const Db: Installed<Class<mongodb.Db> & (new (client: never) => mongodb.Db), typeof native.Db>;

/** A collection: the package `mongodb`'s, where the application has it. */
export type Collection<T extends Document = Document> = Installed<mongodb.Collection<T>, native.Collection<T>>;
/** The class of collections, which come from databases. */
export const Collection: Installed<Class<mongodb.Collection>, typeof native.Collection>;

/**
 * The collection that sessions are in. The package's types take an `_id` that may be anything for one that
 * there is not; sessions have texts, unless `idField` names another field.
 */
export type SessionCollection<S extends Document> = Installed<
  mongodb.Collection<{ [Field in keyof S]: Field extends '_id' ? string | mongodb.ObjectId : S[Field] }>,
  native.Collection<S>
>;

/** What `db.admin()` returns: the package `mongodb`'s, where the application has it. */
export type Admin = Installed<mongodb.Admin, native.Admin>;
/** The class of what `db.admin()` returns. */
export const Admin: Installed<Class<mongodb.Admin>, typeof native.Admin>;

/** A cursor: the package `mongodb`'s, where the application has it. */
export type AbstractCursor<T = any> = Installed<mongodb.AbstractCursor<T>, native.AbstractCursor<T>>;
/** The class of all cursors. */
export const AbstractCursor: Installed<Class<mongodb.AbstractCursor>, typeof native.AbstractCursor>;

/** What `collection.find()` returns: the package `mongodb`'s, where the application has it. */
export type FindCursor<T = any> = Installed<mongodb.FindCursor<T>, native.FindCursor<T>>;
/** The class of what `collection.find()` returns. */
export const FindCursor: Installed<Class<mongodb.FindCursor>, typeof native.FindCursor>;

/** What `collection.aggregate()` returns: the package `mongodb`'s, where the application has it. */
export type AggregationCursor<T = any> = Installed<mongodb.AggregationCursor<T>, native.AggregationCursor<T>>;
/** The class of what `collection.aggregate()` returns. */
export const AggregationCursor: Installed<Class<mongodb.AggregationCursor>, typeof native.AggregationCursor>;

/** What `db.listCollections()` returns: the package `mongodb`'s, where the application has it. */
export type ListCollectionsCursor<T extends CollectionInfo = CollectionInfo> = Installed<mongodb.ListCollectionsCursor<any>, native.ListCollectionsCursor<T>>;
/** The class of what `db.listCollections()` returns. */
export const ListCollectionsCursor: Installed<Class<mongodb.ListCollectionsCursor>, typeof native.ListCollectionsCursor>;
