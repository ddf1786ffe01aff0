/** Apollo Server with Express: resolvers read and change the session. `npm install && npm start`. */

import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer';
import { expressMiddleware } from '@as-integrations/express5';
import connectMongoDBSession from 'connect-mongodb-session';
import express from 'express';
import session from 'express-session';
import { createServer } from 'node:http';
import { promisify } from 'node:util';

const MongoDBStore = connectMongoDBSession(session);
const store = new MongoDBStore({ uri: process.env.MONGODB_URI, collection: 'apolloSessions' });
store.on('error', (error) => console.error(error.message));

const typeDefs = `#graphql
  type Query {
    me: String
    cart: [String!]!
  }
  type Mutation {
    login(name: String!): String!
    addToCart(item: String!): [String!]!
    logout: Boolean!
  }
`;

const resolvers = {
  Query: {
    me: (_root, _args, { req }) => req.session.user,
    cart: (_root, _args, { req }) => req.session.cart ?? []
  },
  Mutation: {
    async login(_root, { name }, { req }) {
      const { cart } = req.session;
      await promisify(req.session.regenerate.bind(req.session))();
      Object.assign(req.session, { user: name, cart });
      return name;
    },
    addToCart(_root, { item }, { req }) {
      req.session.cart = [...req.session.cart ?? [], item];
      return req.session.cart;
    },
    async logout(_root, _args, { req }) {
      await promisify(req.session.destroy.bind(req.session))();
      return true;
    }
  }
};

const app = express();
const server = createServer(app);
const apollo = new ApolloServer({
  typeDefs,
  resolvers,
  stopOnTerminationSignals: false,
  plugins: [ApolloServerPluginDrainHttpServer({ httpServer: server })]
});
await apollo.start();

app.use(session({
  secret: process.env.SESSION_SECRET || 'change this',
  store,
  resave: false,
  saveUninitialized: false,
  cookie: { maxAge: 24 * 60 * 60 * 1000, httpOnly: true, sameSite: 'lax' }
}));
app.use('/graphql', express.json(), expressMiddleware(apollo, { context: async ({ req }) => ({ req }) }));

server.listen(process.env.PORT || 3000, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}/graphql`);
});

process.once('SIGTERM', async () => {
  await apollo.stop();
  await store.client.close();
});
