import { Module } from '@nestjs/common';
import { UsersModule } from '../users/index.js';
import { Invitations } from './invitations.js';

/** Inviting people to a tenant, and their coming. */
@Module({
  imports: [UsersModule],
  providers: [Invitations],
  exports: [Invitations],
})
export class InvitationsModule {}
