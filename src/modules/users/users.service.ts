import { Injectable } from '@nestjs/common';
import { isUuid, newId } from '../../common/ids.js';
import { NotFound } from '../../common/problem.js';
import { checkCreate, checkUpdate, inputOf, withTimes } from '../../platform/resources/index.js';
import { CoreUnit, currentPlacement } from '../../platform/tenancy/index.js';
import { verifyPassword } from './passwords.js';
import { UserCases } from './user-cases.js';
import { UserChanges } from './user-changes.js';
import type { CreateUser, UpdateUser, UserRow } from './user.dto.js';
import { UserRemoval } from './user-removal.js';
import { Users } from './users.js';

/** Living members of the scope's tenant under a condition, whose one value is $2. */
const membersWhere = (condition: string): string =>
  `select ${Users.select()} from core.members as r where r.organization_id = $1 and r.deleted_at is null and ${condition}`;
/** Those whom an index of persons finds, rather than all members one by one. */
const among = (condition: string): string =>
  `r.id in (select u.id from core.users u where u.deleted_at is null and ${condition})`;
const PASSWORD = `select u.hashed_password from core.users u join core.user_tenant_associations a on a.user_id = u.id
  where a.organization_id = $1 and u.deleted_at is null`;
const BY_ID = `${PASSWORD} and u.id = $2::uuid`;
const BY_EMAIL = `${PASSWORD} and u.email_lower = lower($2) order by a.is_guest limit 1`;

/**
 * Members of the scope's tenant, for the product's own code. It asks no permission to read; what a caller's row-level
 * security hides (`user_read`) stays hidden. Changes obey the ladder as those of a request do.
 */
@Injectable()
export class UsersService {
  constructor(
    private readonly core: CoreUnit,
    private readonly cases: UserCases,
    private readonly changes: UserChanges,
    private readonly removal: UserRemoval,
  ) {}

  /** @throws NotFound */
  async getById(id: string): Promise<UserRow> {
    const user = await this.findById(id);
    if (user === undefined) throw NotFound();
    return user;
  }

  findById(id: string): Promise<UserRow | undefined> {
    return this.find('r.id = $2::uuid', id);
  }

  /** In whatever case. A guest's username is his home's. */
  findByUsername(username: string): Promise<UserRow | undefined> {
    return this.find(among('u.organization_id = $1 and u.username_lower = lower($2)'), username);
  }

  /** In whatever case. One at home before a guest of the same address. */
  findByEmail(email: string): Promise<UserRow | undefined> {
    return this.find(among('u.email_lower = lower($2)'), email);
  }

  /** At most so many, the newest first. */
  async listActive(limit = 100): Promise<UserRow[]> {
    return this.read(`${membersWhere(`r.status = 'active'`)} order by r.created_at desc, r.id desc limit $2`, limit);
  }

  /** Whether it is his password, in the same time whether there is such a member or not. @param who id or e-mail */
  async verifyPassword(who: string, password: string): Promise<boolean> {
    const values = [currentPlacement().organizationId, who];
    const [user] = await this.core.read<{ hashed_password: string | null }>({
      text: isUuid(who) ? BY_ID : BY_EMAIL,
      values,
    });
    return verifyPassword(password, user?.hashed_password ?? null);
  }

  /** As POST /users does it. @throws what it is refused with */
  async create(body: CreateUser): Promise<UserRow> {
    const input = await this.cases.prepare(Users, inputOf(checkCreate(Users, body)));
    return this.core.transaction(() => this.cases.create(Users, input, newId()));
  }

  /** As PATCH does it. @throws what it is refused with */
  update(id: string, body: UpdateUser): Promise<UserRow> {
    const input = inputOf(checkUpdate(Users, body));
    return this.core.transaction(() => this.changes.change(id, input, undefined));
  }

  softDelete(id: string): Promise<void> {
    return this.core.transaction(() => this.removal.delete(id, undefined));
  }

  hardDelete(id: string): Promise<void> {
    return this.core.transaction(() => this.removal.hardDelete(id, undefined));
  }

  suspend(id: string): Promise<UserRow> {
    return this.core.transaction(() => this.changes.setStatus(id, 'suspended', undefined));
  }

  activate(id: string): Promise<UserRow> {
    return this.core.transaction(() => this.changes.setStatus(id, 'active', undefined));
  }

  /**
   * The member, held until the unit of work that the caller is in ends, as one whom he may manage and who is at home here.
   * @throws NotFound, PriorityTooLow; PermissionDenied for a guest
   */
  holdManageable(id: string): Promise<UserRow> {
    return this.changes.holdManageable(id);
  }

  private async find(condition: string, value: string): Promise<UserRow | undefined> {
    const [user] = await this.read(`${membersWhere(condition)} order by r.is_guest limit 1`, value);
    return user;
  }

  private async read(text: string, value: string | number): Promise<UserRow[]> {
    const values = [currentPlacement().organizationId, value];
    const rows = await this.core.read<Record<string, unknown>>({ text, values });
    return rows.map((row) => withTimes(row, Users));
  }
}
