import { Inject, Injectable } from '@nestjs/common';
import { type EntityManager, LockMode } from '@mikro-orm/postgresql';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Stale, Unauthenticated } from '../../common/problem.js';
import { isoTime } from '../../common/time.js';
import { generatedPermissions, type Snapshot } from '../../platform/access/index.js';
import { etagOf, matches } from '../../platform/http/index.js';
import { CORE_EM, CoreUnit, currentScope } from '../../platform/tenancy/index.js';
import { PlatformUnit } from '../../platform/tenancy/platform.js';
import { User } from '../users/index.js';
import type { SignedInUser } from './auth.dto.js';
import type { CurrentTenant, HeldRoleAnswer, Me, ModuleState, UpdateMe } from './me.dto.js';
import { PROFILE, PROFILE_OF, signedInUser, type Profile } from './profile.js';

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
  constructor(
    private readonly platform: PlatformUnit,
    private readonly core: CoreUnit,
    @Inject(CORE_EM) private readonly coreEm: EntityManager,
  ) {}

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

  /**
   * Changes the caller's own row, and no other. At home he is bound by the policies; a guest's row is of another
   * organization than the one he is in, and a platform user's of none.
   * @throws Stale
   */
  async update(input: UpdateMe, { headers }: FastifyRequest, reply: FastifyReply): Promise<SignedInUser> {
    const { snapshot, placement } = currentScope();
    if (snapshot === undefined) throw Unauthenticated();
    const { userId } = snapshot;
    const home = (await this.profileOf(userId)).tenant_id;
    const change = (em: EntityManager) => changeUser(em, userId, input, headers['if-match']);
    if (home !== null && home === placement?.organizationId) await this.core.transaction(() => change(this.coreEm));
    else await this.platform.transaction(({ em }) => change(em));
    const profile = await this.profileOf(userId);
    void reply.header('etag', etagOf(profile.version));
    return signedInUser(profile, snapshot);
  }

  private async profileOf(userId: string): Promise<Profile> {
    const [row] = await this.platform.query<{ profile: Profile }>({ ...PROFILE_OF, values: [userId] });
    if (row === undefined) throw Unauthenticated();
    return row.profile;
  }
}

async function changeUser(em: EntityManager, id: string, input: UpdateMe, ifMatch: string | undefined): Promise<void> {
  const user = await em.findOne(User, { id, deletedAt: null }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (user === null) throw Unauthenticated();
  if (ifMatch !== undefined && !matches(ifMatch, user.version)) throw Stale();
  const { full_name, first_name, last_name, phone, avatar_url, preferences } = input;
  const names = { fullName: full_name, firstName: first_name, lastName: last_name };
  const free = preferences === undefined ? {} : { preferences };
  em.assign(user, { ...names, ...free, phone, avatarUrl: avatar_url }, { ignoreUndefined: true });
  await em.flush();
}

/** No set binds a super administrator: his are all that there are. */
const permissionsOf = ({ superuser, permissions }: Snapshot): string[] =>
  (superuser ? generatedPermissions() : permissions.grants()).map(({ code }) => code);

const modulesOf = ({ tenant }: Snapshot, trials: Readonly<Record<string, string>>): ModuleState[] =>
  (tenant?.modules.list() ?? []).map((state) => {
    const ends = trials[state.module];
    return { ...state, trial_ends_at: ends === undefined ? null : isoTime(ends) };
  });
