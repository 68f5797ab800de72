import { Inject, Injectable } from '@nestjs/common';
import { type EntityManager, ref } from '@mikro-orm/postgresql';
import {
  CORE_EM,
  CoreUnit,
  currentScope,
  type Placement,
  Placements,
  runInScope,
} from '../../platform/tenancy/index.js';
import { PlatformUnit, type PlatformTransaction } from '../../platform/tenancy/platform.js';
import type { LivingToken } from '../auth/index.js';
import { enrol, type GivenRole, NewMembers, RoleLookup, User } from '../users/index.js';

/** Somebody who comes to a tenant by an invitation. */
interface Comer {
  readonly userId: string;
  readonly organizationId: string;
}
interface NewPerson extends Comer {
  readonly hashedPassword: string;
  readonly fullName: string | null;
}
/** What is left of what the invitation brings: roles and superiors that have gone since are left out. */
interface Brought {
  readonly roles: readonly GivenRole[];
  readonly reportsToId: string | null;
}

/** Makes members of those who accept invitations: with the rights that the invitation brings, whoever they are. */
@Injectable()
export class Newcomers {
  constructor(
    @Inject(CORE_EM) private readonly em: EntityManager,
    private readonly core: CoreUnit,
    private readonly platform: PlatformUnit,
    private readonly placements: Placements,
    private readonly roles: RoleLookup,
    private readonly members: NewMembers,
  ) {}

  /** To be asked before a transaction: it takes a connection of its own. */
  placementOf(organizationId: string): Promise<Placement> {
    return this.placements.get(organizationId);
  }

  /** A guest. */
  async associate(work: PlatformTransaction, { userId, organizationId }: Comer, token: LivingToken): Promise<void> {
    const brought = await this.broughtBy(work, organizationId, token);
    enrol(work.em, work.em.getReference(User, userId, { wrapped: true }), organizationId, brought);
    await work.em.flush();
  }

  /**
   * A new user, made as any other: in the unit of work of his tenant. It commits before `work`: should that fail, he is
   * there and the token is left over, which nobody can use any more.
   * @throws Conflict at email or username
   */
  async make(
    work: PlatformTransaction,
    placement: Placement,
    { userId, organizationId, hashedPassword, fullName }: NewPerson,
    token: LivingToken,
  ): Promise<void> {
    const { email } = token;
    const brought = await this.broughtBy(work, organizationId, token);
    await runInScope({ ...currentScope(), placement }, () =>
      this.core.transaction(async () => {
        const user = this.em.create(User, {
          ...{ id: userId, organizationId, username: email, email, hashedPassword, fullName },
          ...{ status: 'active', isEmailVerified: true, preferences: {} },
        });
        enrol(this.em, ref(user), organizationId, brought);
        await this.em.flush();
        await this.members.join({ userId, email, isInvited: false });
      }),
    );
  }

  private async broughtBy(
    work: PlatformTransaction,
    organizationId: string,
    { roleCodes, reportsToId = null }: LivingToken,
  ): Promise<Brought> {
    const roles = await this.roles.byCodes(this.platform, organizationId, roleCodes);
    const [superior] = await work.query<{ id: string }>({
      text: `select id from core.members where organization_id = $1 and id = $2 and deleted_at is null`,
      values: [organizationId, reportsToId],
    });
    return { roles: roles.filter((role) => role !== undefined), reportsToId: superior?.id ?? null };
  }
}
