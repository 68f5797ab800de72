import { Injectable } from '@nestjs/common';
import { invalid, NotFound } from '../../common/problem.js';
import {
  explain,
  parseAccess,
  SnapshotSource,
  type Explanation,
  type RequiredAccess,
  type Snapshot,
} from '../../platform/access/index.js';
import { currentPlacement, currentScope } from '../../platform/tenancy/index.js';

export interface ExplainedAccess extends Explanation {
  readonly user_id: string;
  readonly tenant_id: string | null;
}

/** Why somebody may do something, or why not: by the layers that decide, on facts read now. */
@Injectable()
export class Explanations {
  constructor(private readonly source: SnapshotSource) {}

  /**
   * @param organizationId null: as a platform user who acts in no tenant
   * @param access `crm.leads:read`, `user:create`, `custom_export`
   * @throws ValidationFailed at `access`; NotFound for one who is no member (a platform user acts in any tenant)
   */
  async explain(userId: string, organizationId: string | null, access: string): Promise<ExplainedAccess> {
    asked(access);
    return tell(access, await this.find(userId, organizationId));
  }

  /** The same for a member of the caller's tenant. To a tenant the platform's people are strangers. */
  async explainMember(userId: string, access: string): Promise<ExplainedAccess> {
    asked(access);
    const person = await this.find(userId, currentPlacement().organizationId);
    if (person.platform && currentScope().snapshot?.platform !== true) throw NotFound();
    return tell(access, person);
  }

  private async find(userId: string, organizationId: string | null): Promise<Snapshot> {
    const loaded = await this.source.load(userId.toLowerCase(), organizationId, null);
    if (loaded === undefined) throw NotFound();
    return loaded.snapshot;
  }
}

/** Asked twice: for what is wrong with it before anybody is loaded, and for the custom permissions that loading has met. */
function asked(access: string): RequiredAccess {
  const required = parseAccess(access);
  if (required !== undefined) return required;
  throw invalid('access', 'unknown_access', 'must be a resource and one of its actions, as in crm.leads:read');
}

const tell = (access: string, snapshot: Snapshot): ExplainedAccess => ({
  user_id: snapshot.userId,
  tenant_id: snapshot.organizationId,
  ...explain(asked(access), { snapshot, named: undefined, host: null, byKey: false }),
});
