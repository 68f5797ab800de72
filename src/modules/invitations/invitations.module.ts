import { Module } from '@nestjs/common';
import { UsersModule } from '../users/index.js';
import { Acceptance } from './acceptance.js';
import { AcceptanceController } from './acceptance.controller.js';
import { InvitationCases } from './invitation-cases.js';
import { InvitationRules } from './invitation-rules.js';
import { Invitations } from './invitations.js';
import { InvitationsController } from './invitations.controller.js';
import { InvitedMembers } from './invited-members.js';
import { Newcomers } from './newcomers.js';
import { SignedInAccounts } from './signed-in-accounts.js';
import { WaitingUsers } from './waiting-users.js';

/** Inviting people to a tenant, and their coming. */
@Module({
  imports: [UsersModule],
  controllers: [InvitationsController, AcceptanceController],
  providers: [
    ...[Invitations, InvitedMembers, InvitationRules, InvitationCases, WaitingUsers],
    ...[Acceptance, SignedInAccounts, Newcomers],
  ],
  exports: [Invitations],
})
export class InvitationsModule {}
