import { Inject, Injectable } from '@nestjs/common';
import { type EntityManager, ref } from '@mikro-orm/postgresql';
import { PermissionDenied, ValidationFailed } from '../../common/problem.js';
import { type Input, notFoundAt, Reaches } from '../../platform/resources/index.js';
import { CORE_EM, CoreUnit, currentPlacement, currentScope } from '../../platform/tenancy/index.js';
import { enrol } from './enrol.js';
import { NewMembers } from './new-members.js';
import { assertMayDeal, type GivenRole, isExecutive, RoleLookup } from './role-lookup.js';
import { Superiors } from './superiors.js';
import { User } from './user.entity.js';
import { columnsOf, idIn, textIn, textsIn } from './user-input.js';
import { Users } from './users.js';

/** Makes users: the person, his membership at home, his roles, and what further features do with each new one. */
@Injectable()
export class NewUsers {
  constructor(
    @Inject(CORE_EM) private readonly em: EntityManager,
    private readonly core: CoreUnit,
    private readonly reaches: Reaches,
    private readonly roles: RoleLookup,
    private readonly superiors: Superiors,
    private readonly members: NewMembers,
  ) {}

  /**
   * Inside of a core unit of work.
   * @param input of POST /users, its password hashed already (`hashed_password`)
   * @throws PermissionDenied, PriorityTooLow, or ValidationFailed at role_codes and reports_to_id
   */
  async make(input: Input, id: string): Promise<void> {
    if (currentScope().snapshot?.seesUsers === 'self') throw PermissionDenied({ required: 'user_read' });
    const isBound = (await this.reaches.of(Users, 'create')).kind !== 'all';
    const roles = await this.rolesOf(textsIn(input, 'role_codes'));
    if (isBound && !(roles.length === 1 && roles.every(isExecutive)))
      throw PermissionDenied({
        required: 'user_create',
        detail: 'Your record scope allows you to create executives alone.',
      });
    for (const role of roles) assertMayDeal(role);
    const reportsToId = idIn(input, 'reports_to_id');
    await this.superiors.assertAllowed(reportsToId, roles.some(isExecutive), isBound ? 'create' : 'read');
    await this.write(input, id, reportsToId, roles);
  }

  /** @throws ValidationFailed at each code of none */
  private async rolesOf(codes: readonly string[]): Promise<GivenRole[]> {
    const found = await this.roles.byCodes(this.core, currentPlacement().organizationId, codes);
    const errors = found.flatMap((role, n) => (role === undefined ? [notFoundAt(`role_codes.${String(n)}`)] : []));
    if (errors.length > 0) throw ValidationFailed({ errors });
    return [...new Map(found.flatMap((role) => (role === undefined ? [] : [[role.id, role] as const]))).values()];
  }

  private async write(input: Input, id: string, reportsToId: string | null, roles: GivenRole[]): Promise<void> {
    const { em } = this;
    const { organizationId } = currentPlacement();
    const hashedPassword = textIn(input, 'hashed_password');
    const status = hashedPassword === null ? 'inactive' : 'active';
    const username = textIn(input, 'username') ?? '';
    const email = textIn(input, 'email') ?? '';
    const user = ref(
      em.create(User, {
        id,
        organizationId,
        preferences: {},
        ...columnsOf(input),
        ...{ username, email, hashedPassword, status },
      }),
    );
    enrol(em, user, organizationId, { roles, reportsToId });
    await em.flush();
    await this.members.join({ userId: id, email, isInvited: hashedPassword === null });
  }
}
