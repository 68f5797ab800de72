import { Injectable } from '@nestjs/common';

/** Somebody who has just been made a user of the scope's tenant. */
export interface NewMember {
  readonly userId: string;
  readonly email: string;
  /** He has no password yet, and is inactive until he accepts an invitation. */
  readonly isInvited: boolean;
}
type Welcome = (member: NewMember) => Promise<void>;

/** Where features that users know nothing of say what they do with each new one. */
@Injectable()
export class NewMembers {
  private readonly welcomes: Welcome[] = [];

  /** `welcome` runs in the core unit of work that makes the user: what it throws undoes him. */
  onJoin(welcome: Welcome): void {
    this.welcomes.push(welcome);
  }

  async join(member: NewMember): Promise<void> {
    for (const welcome of this.welcomes) await welcome(member);
  }
}
