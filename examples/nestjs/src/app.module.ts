import { Module } from '@nestjs/common';
import { CartController } from './cart.controller.js';
import { SessionStore } from './session-store.js';

@Module({ controllers: [CartController], providers: [SessionStore] })
export class AppModule {}
