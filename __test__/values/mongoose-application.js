'use strict';

/**
 * An application with Mongoose that puts database values into a session and uses what a later request reads from it.
 * Run as a script in the application's folder, with the names of the packages, so that they resolve from there. Prints
 * as JSON what became of each use: `true`, or the error.
 *
 * The environment has `MONGODB_URI` and `STORE`, the name of the session store's package.
 */

const { createRequire } = require('node:module');
const path = require('node:path');

const fromHere = createRequire(path.join(process.cwd(), 'server.js'));
const mongoose = fromHere('mongoose');
const expressSession = fromHere('express-session');
const { ObjectId, Decimal128 } = mongoose.Types;
const { Schema } = mongoose;

const User = mongoose.model('User', new Schema({ name: String, friends: [{ type: Schema.Types.ObjectId, ref: 'User' }] }));
const Post = mongoose.model('Post', new Schema({
  author: { type: Schema.Types.ObjectId, ref: 'User' },
  comments: [new Schema({ by: Schema.Types.ObjectId, text: String })],
  price: Schema.Types.Decimal128,
  any: Schema.Types.Mixed
}));

/** What applications do with the values of a session; each is right when it gives true. */
const uses = {
  'instanceof': ({ id }) => id instanceof ObjectId,
  'findById': async ({ id }) => (await User.findById(id)).name === 'Ada',
  'find': async ({ id }) => (await User.find({ _id: id })).length === 1,
  '$in': async ({ id }) => (await User.find({ _id: { $in: [id] } })).length === 1,
  'create': async ({ id }) => (await Post.create({ author: id })).author.equals(id),
  'populate': async ({ id }) => {
    const { _id } = await Post.create({ author: id });
    return (await Post.findById(_id).populate('author')).author.name === 'Ada';
  },
  'Mixed': async ({ id }, user) => {
    const { _id } = await Post.create({ any: { by: id, all: [id] } });
    return await Post.collection.countDocuments({ _id, 'any.by': user._id, 'any.all': user._id }) === 1;
  },
  'document arrays': async ({ id }, user) => {
    const post = await Post.create({ comments: [{ by: id, text: 'a' }] });
    post.comments.push({ by: id, text: 'b' });
    await post.save();
    return await Post.collection.countDocuments({ _id: post._id, 'comments.1.by': user._id }) === 1;
  },
  '$addToSet': async ({ id }, user) => {
    for (let times = 0; times < 2; times++) await User.updateOne({ _id: user._id }, { $addToSet: { friends: id } });
    return (await User.findById(user._id)).friends.length === 1;
  },
  'aggregate': async ({ id }) => (await User.aggregate([{ $match: { _id: id } }])).length === 1,
  'raw findOne': async ({ id }) => (await User.collection.findOne({ _id: id })).name === 'Ada',
  'raw insertOne': async ({ id, price, binary }) => (await User.collection.insertOne({ by: id, price, binary })).insertedId !== undefined,
  'equals, of the session\'s': ({ id }, user) => id.equals(user._id),
  'equals, of the document\'s': ({ id }, user) => user._id.equals(id),
  'Decimal128: instanceof': ({ price }) => price instanceof Decimal128,
  'Decimal128: create and find': async ({ price }) => {
    const { _id } = await Post.create({ price });
    return (await Post.findOne({ _id, price })).price.toString() === '12.50';
  },
  'Decimal128: aggregate': async ({ price }) => {
    const { _id } = await Post.create({ price: '12.50' });
    return (await Post.aggregate([{ $match: { _id, price } }])).length === 1;
  },
  'Binary: instanceof': ({ binary }) => binary instanceof mongoose.mongo.Binary,
  'Long: instanceof': ({ long }) => long instanceof mongoose.mongo.Long,
  'ids within arrays and documents': ({ cart }) => cart.items[0].id instanceof ObjectId,
  'hydrate and save': async ({ user }) => {
    const hydrated = User.hydrate(user);
    hydrated.friends.push(user._id);
    hydrated.name = 'Ada';
    await hydrated.save();
    return (await User.findById(user._id)).friends.length > 0;
  },
  'a new document with the session\'s id': async ({ user }) => {
    await User.deleteOne({ _id: user._id });
    await new User(user).save();
    return (await User.findById(user._id)).name === 'Ada';
  }
};

async function main() {
  await mongoose.connect(process.env.MONGODB_URI);
  const MongoDBStore = fromHere(process.env.STORE)(expressSession);
  const store = await new Promise((resolve, reject) => {
    const made = new MongoDBStore({ uri: process.env.MONGODB_URI, collection: 'sessions' }, (error) => (error ? reject(error) : resolve(made)));
  });
  const ask = (method, ...given) => new Promise((resolve, reject) => {
    store[method](...given, (error, value) => (error ? reject(error) : resolve(value)));
  });

  const user = await User.create({ name: 'Ada' });
  const { Binary, Long } = mongoose.mongo;
  const session = {
    cookie: { originalMaxAge: 60_000, expires: new Date(Date.now() + 60_000) },
    id: user._id,
    user: user.toObject(),
    price: Decimal128.fromString('12.50'),
    binary: new Binary(Buffer.from('abc')),
    long: Long.fromString('9007199254740993'),
    cart: { items: [{ id: user._id }] }
  };
  const stored = await ask('set', 'sid', session).then(() => undefined, (error) => error.message);

  const outcomes = {};
  for (const [name, use] of Object.entries(uses)) {
    try {
      if (stored !== undefined) throw new Error(stored);
      outcomes[name] = await use(await ask('get', 'sid'), user) || 'wrong';
    } catch (error) {
      outcomes[name] = error.message.slice(-120);
    }
  }
  console.log(JSON.stringify(outcomes));
  await store.client.close();
  await mongoose.disconnect();
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
