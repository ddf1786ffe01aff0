import { Body, Controller, Get, HttpCode, Inject, Post, Req, Session } from '@nestjs/common';
import type { Request } from 'express';
import type { SessionData } from 'express-session';
import { SessionStore } from './session-store.js';

declare module 'express-session' {
  interface SessionData {
    user: string;
    cart: string[];
  }
}

@Controller()
export class CartController {
  constructor(@Inject(SessionStore) private readonly sessions: SessionStore) {}

  @Get()
  show(@Session() session: Partial<SessionData>) {
    return { user: session.user, cart: session.cart ?? [] };
  }

  @Post('cart')
  @HttpCode(200)
  add(@Session() session: Partial<SessionData>, @Body() { item }: { item: string }) {
    session.cart = [...session.cart ?? [], String(item)];
    return { cart: session.cart };
  }

  @Post('login')
  @HttpCode(200)
  async login(@Req() request: Request, @Body() { name }: { name: string }) {
    const { cart } = request.session;
    await new Promise<void>((resolve, reject) => {
      request.session.regenerate((error) => error ? reject(error) : resolve());
    });
    request.session.user = String(name);
    if (cart) request.session.cart = cart;
    return { user: request.session.user };
  }

  /** Logs the user out on all devices: what a store in MongoDB can do and one in memory cannot. */
  @Post('logout-everywhere')
  @HttpCode(200)
  async logoutEverywhere(@Req() request: Request) {
    const { user } = request.session;
    if (!user) return { sessions: 0 };
    await new Promise<void>((resolve, reject) => {
      request.session.destroy((error) => error ? reject(error) : resolve());
    });
    const { deletedCount } = await this.sessions.store.collection.deleteMany({ 'session.user': user });
    return { sessions: deletedCount + 1 };
  }
}
