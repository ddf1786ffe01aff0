// The store with express-openid-connect.

import express = require('express');
import session = require('express-session');
import { auth } from 'express-openid-connect';
import connectMongoDBSession = require('connect-mongodb-session');

const store = new (connectMongoDBSession(session))({ uri: 'mongodb://127.0.0.1/test' });
const app = express();
app.use(auth({ issuerBaseURL: 'https://identity.example.com', baseURL: 'https://app.example.com', clientID: 'client', session: { store } }));

export { app };
