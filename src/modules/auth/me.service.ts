import { Injectable } from '@nestjs/common';
import { Unauthenticated } from '../../common/problem.js';
import { isoTime } from '../../common/time.js';
import { generatedPermissions, type Snapshot } from '../../platform/access/index.js';
import { currentScope } from '../../platform/tenancy/index.js';
import { PlatformUnit } from '../../platform/tenancy/platform.js';
import type { CurrentTenant, HeldRoleAnswer, Me, ModuleState } from './me.dto.js';
import { PROFILE, signedInUser, type Profile } from './profile.js';

const ME = {
  name: 'me',
  text: `select ${PROFILE} as profile,
    (select json_build_object('id', o.id, 'tenant_code', o.tenant_code, 'tenant_name', o.tenant_name,
        'status', o.status, 'license_tier', o.license_tier)
      from core.organizations o where o.id = $2) as tenant,
    coalesce((select json_agg(json_build_object('id', r.id, 'role_code', r.role_code, 'role_name', r.role_name,
          'priority', r.priority, 'record_scope', r.record_scope) order by r.priority desc, r.role_code)
      from core.user_roles ur join core.roles r on r.scope_id = ur.role_scope_id and r.id = ur.role_id
      where ur.user_id = $1 and (ur.organization_id = $2 or ur.organization_id is null) and r.deleted_at is null),
      '[]'::json) as roles,
    coalesce((select json_object_agg(t.module, t.ends_at) from core.module_trials t where t.organization_id = $2),
      '{}'::json) as trials
  from core.users u where u.id = $1`,
};
interface MeRow {
  readonly profile: Profile;
  readonly tenant: CurrentTenant | null;
  readonly roles: HeldRoleAnswer[];
  readonly trials: Readonly<Record<string, string>>;
}

/** The signed-in person, by the snapshot that his requests are decided from. */
@Injectable()
export class MeService {
  constructor(private readonly platform: PlatformUnit) {}

  async get(): Promise<Me> {
    const { snapshot } = currentScope();
    if (snapshot === undefined) throw Unauthenticated();
    const { userId, organizationId, tenant, superuser } = snapshot;
    const [row] = await this.platform.query<MeRow>({ ...ME, values: [userId, organizationId] });
    if (row === undefined) throw Unauthenticated();
    return {
      user: signedInUser(row.profile, snapshot),
      tenant: row.tenant,
      roles: row.roles,
      permissions: permissionsOf(snapshot),
      modules: modulesOf(snapshot, row.trials),
      record_scope: snapshot.recordScope,
      is_superuser: superuser,
      acting_as:
        snapshot.platform && tenant !== null ? { tenant_id: tenant.organizationId, tenant_code: tenant.code } : null,
    };
  }
}

/** No set binds a super administrator: his are all that there are. */
const permissionsOf = ({ superuser, permissions }: Snapshot): string[] =>
  (superuser ? generatedPermissions() : permissions.grants()).map(({ code }) => code);

const modulesOf = ({ tenant }: Snapshot, trials: Readonly<Record<string, string>>): ModuleState[] =>
  (tenant?.modules.list() ?? []).map((state) => {
    const ends = trials[state.module];
    return { ...state, trial_ends_at: ends === undefined ? null : isoTime(ends) };
  });
