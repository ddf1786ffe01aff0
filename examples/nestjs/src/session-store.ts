import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import connectMongoDBSession from 'connect-mongodb-session';
import session from 'express-session';

const MongoDBStore = connectMongoDBSession(session);

/** The store as a provider: it is closed with the application, and can be injected (to log a user out, say). */
@Injectable()
export class SessionStore implements OnApplicationShutdown {
  readonly store = new MongoDBStore({ uri: process.env.MONGODB_URI, collection: 'nestSessions' });

  constructor() {
    const logger = new Logger(SessionStore.name);
    this.store.on('error', (error) => logger.error(error.message));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.store.client.close();
  }
}
