import { Injectable, Logger } from '@nestjs/common';
import { currentPlacement, currentScope } from '../../platform/tenancy/index.js';
import { PlatformUnit } from '../../platform/tenancy/platform.js';
import { Afterwards } from '../auth/index.js';
import { type NewMember, NewMembers } from '../users/index.js';
import { Invitations } from './invitations.js';
import { InvitedMembers } from './invited-members.js';

/** Invites each user who is made without a password. */
@Injectable()
export class WaitingUsers {
  private readonly logger = new Logger(WaitingUsers.name);

  constructor(
    newMembers: NewMembers,
    private readonly members: InvitedMembers,
    private readonly invitations: Invitations,
    private readonly platform: PlatformUnit,
    private readonly afterwards: Afterwards,
  ) {
    newMembers.onJoin((member) => {
      this.welcome(member);
      return Promise.resolve();
    });
  }

  /** The login that makes a user has no rights on tokens: his is made once he is there, behind the answer. */
  private welcome({ userId, isInvited }: NewMember): void {
    if (!isInvited) return;
    const { organizationId } = currentPlacement();
    const { coreUnit } = currentScope();
    if (coreUnit === undefined) throw new Error('a user joins inside of a unit of work');
    coreUnit.onCommit(() => this.inviteAfterwards(organizationId, userId));
  }

  /** What is lost here, by too much work or a crash, is made good by inviting him once more. */
  private inviteAfterwards(organizationId: string, userId: string): void {
    try {
      this.afterwards.run(() => this.invite(organizationId, userId));
    } catch (error) {
      this.logger.error({ err: error, message: 'a new user was not invited', user: userId });
    }
  }

  private async invite(organizationId: string, userId: string): Promise<void> {
    await this.platform.transaction(async (work) => {
      const member = await this.members.byId(work, organizationId, userId);
      if (member?.isWaiting === true) await this.invitations.invite(work, { ...member, organizationId });
    });
  }
}
