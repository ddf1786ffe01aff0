// Socket.IO on the sessions of express-session.

import { createServer } from 'http';
import session = require('express-session');
import { Server } from 'socket.io';
import connectMongoDBSession = require('connect-mongodb-session');

const store = new (connectMongoDBSession(session))({ uri: 'mongodb://127.0.0.1/test' });
const sessions = session({ secret: 'secret', store, resave: false, saveUninitialized: false });
const io = new Server(createServer());
io.engine.use(sessions);

export { io };
