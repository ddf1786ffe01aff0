import { Binary, BSONRegExp, BSONType, ObjectId } from 'bson';

// What is not marked as exported is not.
export {};

/** A document: any object. */
export interface Document {
  [key: string]: any;
}

/** What `_id` is in documents of a type: as it says, anything when it has no shape, else an ObjectId. */
export type IdOf<T> = string extends keyof T
  ? (T extends { _id: infer Id } ? Id : any)
  : '_id' extends keyof T
    ? (T extends { _id?: infer Id } ? Id : ObjectId)
    : ObjectId;

/** A document as it is stored: with an `_id`. */
export type WithId<T> = string extends keyof T ? T & { _id: IdOf<T> } : Omit<T, '_id'> & { _id: IdOf<T> };

/** A document without its `_id`. */
export type WithoutId<T> = string extends keyof T ? T : Omit<T, '_id'>;

/** A document to insert: without an `_id`, it gets an ObjectId. */
export type OptionalId<T> = string extends keyof T ? T : Omit<T, '_id'> & { _id?: IdOf<T> };

type Element<T> = T extends ReadonlyArray<infer Item> ? Item : T;

/** What a field may be compared with: a value (of an element, for arrays), or operators. */
export type Condition<T> = Matching<T> | FilterOperators<Matching<T>>;

type Matching<T> = T | Element<T> | (Element<T> extends string ? RegExp | BSONRegExp : never);

/** Operators on one field. */
export interface FilterOperators<T> {
  /** Equal to. */
  $eq?: T;
  /** Not equal to. */
  $ne?: T;
  /** Greater than. */
  $gt?: T;
  /** Greater than, or equal to. */
  $gte?: T;
  /** Less than. */
  $lt?: T;
  /** Less than, or equal to. */
  $lte?: T;
  /** Equal to one of these. */
  $in?: ReadonlyArray<T>;
  /** Equal to none of these. */
  $nin?: ReadonlyArray<T>;
  /** The opposite. */
  $not?: FilterOperators<T> | RegExp;
  /** Whether the field is there. */
  $exists?: boolean;
  /** Of one of these types. */
  $type?: BSONType | keyof typeof BSONType | 'number' | ReadonlyArray<BSONType | keyof typeof BSONType | 'number'>;
  /** Text that matches. */
  $regex?: string | RegExp | BSONRegExp;
  /** Flags of `$regex`. */
  $options?: string;
  /** An array with all of these. */
  $all?: ReadonlyArray<any>;
  /** An array with an element like this. */
  $elemMatch?: Document;
  /** An array of this length. */
  $size?: number;
  /** A number with this remainder. */
  $mod?: [divisor: number, remainder: number];
  /** All of these bits are 0. */
  $bitsAllClear?: number | Binary | ReadonlyArray<number>;
  /** All of these bits are 1. */
  $bitsAllSet?: number | Binary | ReadonlyArray<number>;
  /** One of these bits is 0. */
  $bitsAnyClear?: number | Binary | ReadonlyArray<number>;
  /** One of these bits is 1. */
  $bitsAnySet?: number | Binary | ReadonlyArray<number>;
  /** A shape that meets this one. */
  $geoIntersects?: Document;
  /** A shape inside this one. */
  $geoWithin?: Document;
  /** A place near this one. */
  $near?: Document;
  /** A place near this one, on a sphere. */
  $nearSphere?: Document;
  /** Metres, or radians for old coordinates. */
  $maxDistance?: number;
  /** A random number. */
  $rand?: Record<string, never>;
}

/** Which documents: fields with conditions, dotted paths, and operators such as `$or`. */
export type Filter<T> = { [Field in keyof WithId<T>]?: Condition<WithId<T>[Field]> } & {
  $and?: ReadonlyArray<Filter<T>>;
  $or?: ReadonlyArray<Filter<T>>;
  $nor?: ReadonlyArray<Filter<T>>;
  $expr?: Document;
  $text?: { $search: string; $language?: string; $caseSensitive?: boolean; $diacriticSensitive?: boolean };
  $where?: string;
  $comment?: string | Document;
} & Document;

type Fields<T> = Readonly<Partial<T>> & Document;

/** How to change a document: operators, on fields or dotted paths. */
export type UpdateFilter<T> = {
  $set?: Fields<T>;
  $setOnInsert?: Fields<T>;
  $unset?: { readonly [Field in keyof T]?: '' | true | 1 } & Document;
  $inc?: { readonly [path: string]: any };
  $mul?: { readonly [path: string]: any };
  $min?: Fields<T>;
  $max?: Fields<T>;
  $rename?: { readonly [path: string]: string };
  $currentDate?: { readonly [path: string]: true | { $type: 'date' | 'timestamp' } };
  $push?: { readonly [path: string]: any };
  $pull?: { readonly [path: string]: any };
  $pullAll?: { readonly [path: string]: ReadonlyArray<any> };
  $addToSet?: { readonly [path: string]: any };
  $pop?: { readonly [path: string]: 1 | -1 };
  $bit?: { readonly [path: string]: Document };
} & Document;

/** A direction, or what to sort text searches by. */
export type SortDirection = 1 | -1 | 'asc' | 'desc' | 'ascending' | 'descending' | { readonly $meta: string };

/** An order: one field or several, from the most important. */
export type Sort =
  | string
  | ReadonlyArray<string>
  | { readonly [path: string]: SortDirection }
  | ReadonlyMap<string, SortDirection>
  | ReadonlyArray<readonly [string, SortDirection]>
  | readonly [string, SortDirection];

/** The index to use: its name, or its keys. */
export type Hint = string | Document;
