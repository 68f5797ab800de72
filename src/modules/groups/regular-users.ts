import { Injectable } from '@nestjs/common';
import { CoreUnit, currentPlacement } from '../../platform/tenancy/index.js';
import { NewMembers } from '../users/index.js';
import { joinRegularUsers } from './default-groups.js';

/** Puts each new user into the group that is for all of them. */
@Injectable()
export class RegularUsers {
  constructor(newMembers: NewMembers, core: CoreUnit) {
    newMembers.onJoin(({ userId }) => joinRegularUsers(core, currentPlacement().organizationId, userId));
  }
}
