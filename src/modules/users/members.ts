import { Injectable } from '@nestjs/common';
import { NotFound, Stale } from '../../common/problem.js';
import { type Action, ADMIN, EXECUTIVE, MANAGER } from '../../platform/access/index.js';
import { literal, type Resource, ResourceReader, type Versions } from '../../platform/resources/index.js';
import { CoreUnit, currentPlacement, currentScope } from '../../platform/tenancy/index.js';
import { Ladder } from '../rbac/index.js';
import { LastAdmins } from './last-admins.js';
import type { UserRow } from './user.dto.js';
import { AnsweredUsers } from './users.js';

/** How high a member stands, and which built-in roles he holds that have rules of their own. */
export interface Standing {
  readonly userId: string;
  readonly priority: number;
  readonly isAdmin: boolean;
  readonly isManager: boolean;
  readonly isExecutive: boolean;
}

const builtIn = (code: string): string =>
  `coalesce(bool_or(r.organization_id is null and r.role_code = ${literal(code)}), false)`;
const STANDING = `select coalesce(max(r.priority), 0) as priority, ${builtIn(ADMIN)} as "isAdmin",
    ${builtIn(MANAGER)} as "isManager", ${builtIn(EXECUTIVE)} as "isExecutive"
  from core.user_roles ur join core.roles r on r.scope_id = ur.role_scope_id and r.id = ur.role_id
  where ur.organization_id = $1 and ur.user_id = $2 and r.deleted_at is null`;
/** `no key`: a superior can be named while he is changed himself. */
const HOLD = `select (select id from core.users where organization_id = $1 and id = $2 for no key update),
  (select user_id from core.user_tenant_associations where organization_id = $1 and user_id = $2 for no key update)`;

/** What every change of a member begins and ends with: his rows held, the ladder asked, the tenant's last admin kept. */
@Injectable()
export class Members {
  constructor(
    private readonly core: CoreUnit,
    private readonly reader: ResourceReader,
    private readonly lastAdmins: LastAdmins,
  ) {}

  /**
   * The living member as he is now, held until the unit of work ends.
   * @param resource whose permission for the action the caller is judged by
   * @throws NotFound, Stale
   */
  async hold(resource: Resource<UserRow>, id: string, action: Action, versions?: Versions): Promise<UserRow> {
    await this.core.write({ text: HOLD, values: [currentPlacement().organizationId, id] });
    const row = await this.reader.get(resource, id, action);
    if (versions !== undefined && !versions.includes(row.version)) throw Stale();
    return row;
  }

  /** The member after a change of his, whatever the caller's record scope. */
  async answered(id: string): Promise<UserRow> {
    const row = await this.reader.find(AnsweredUsers, id);
    if (row === undefined) throw NotFound();
    return row;
  }

  async standingOf(userId: string): Promise<Standing> {
    const { organizationId } = currentPlacement();
    const [row] = await this.core.read<Omit<Standing, 'userId'>>({
      name: 'member_standing',
      text: STANDING,
      values: [organizationId, userId],
    });
    if (row === undefined) throw new Error('an aggregate has a row');
    return { userId, ...row };
  }

  /** @param asAdmin an admin may do this to another admin. @throws PriorityTooLow for another who stands as high as the caller */
  assertMayTouch({ userId, priority, isAdmin }: Standing, { asAdmin = false } = {}): void {
    if (isCaller(userId)) return;
    const ladder = Ladder.ofCaller();
    if (asAdmin && isAdmin) ladder.assertAboveOrAdmin(priority);
    else ladder.assertAbove(priority);
  }

  /** Work after which this member may be an administrator no more. @throws LastAdmin, which undoes it */
  keepingAdmin<T>({ isAdmin }: Standing, work: () => Promise<T>): Promise<T> {
    if (!isAdmin) return work();
    return this.lastAdmins.keep(this.core, [currentPlacement().organizationId], work);
  }

  /** Work that shuts a member out: a guest of this tenant alone, whoever is at home here of all. @throws LastAdmin, which undoes it */
  shuttingOut<T>({ id, is_guest: isGuest }: UserRow, standing: Standing, work: () => Promise<T>): Promise<T> {
    if (isGuest) return this.keepingAdmin(standing, work);
    return this.lastAdmins.keepEverywhere(this.core, currentPlacement().organizationId, id, work);
  }
}

/** Whether this is the scope's caller himself. */
export const isCaller = (userId: string): boolean => currentScope().actor.id === userId;
