import { Module } from '@nestjs/common';
import { SubscriptionController } from './subscription.controller.js';
import { SubscriptionReader } from './subscription-reader.js';
import { Subscriptions } from './subscriptions.js';

@Module({
  controllers: [SubscriptionController],
  providers: [Subscriptions, SubscriptionReader],
  exports: [Subscriptions],
})
export class SubscriptionsModule {}
