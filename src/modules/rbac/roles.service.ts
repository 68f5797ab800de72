import { Injectable } from '@nestjs/common';
import { PermissionDenied } from '../../common/problem.js';
import { BUILT_IN_ROLES, SUPER_ADMIN } from '../../platform/access/index.js';
import {
  type Input,
  organizationOfScope,
  type Resource,
  ResourceReader,
  ResourceWriter,
  type UseCases,
  type Versions,
} from '../../platform/resources/index.js';
import { CoreUnit } from '../../platform/tenancy/index.js';
import { Ladder } from './ladder.js';
import type { RoleRow } from './role.dto.js';
import { roleLock } from './role-lock.js';
import { RolePermissions } from './role-permissions.js';
import { builtIn, RoleCodeTaken, Roles } from './roles.js';

type RoleResource = Resource<RoleRow>;
const BUILT_IN_CODES: ReadonlySet<string> = new Set(BUILT_IN_ROLES.map(({ code }) => code));

/** A tenant's roles, and the built-in ones that it sees. Nobody changes a role that stands as high as he does. */
@Injectable()
export class RolesService implements UseCases<RoleRow> {
  constructor(
    private readonly core: CoreUnit,
    private readonly reader: ResourceReader,
    private readonly writer: ResourceWriter,
    private readonly links: RolePermissions,
  ) {}

  /** @throws NotFound */
  getById(id: string): Promise<RoleRow> {
    return this.reader.get(Roles, id);
  }

  /** The tenant's role of this code (without regard to case), or the built-in one; undefined when there is none. */
  async findByCode(code: string): Promise<RoleRow | undefined> {
    const [row] = await this.core.query<{ id: string }>({
      name: 'role-by-code',
      text: `select id from core.roles where role_code_lower = lower($1) and deleted_at is null
        and (organization_id = $2 or organization_id is null)`,
      values: [code, organizationOfScope()],
    });
    return row && this.reader.get(Roles, row.id);
  }

  /** The codes of all that the role gives. @throws NotFound */
  async permissionsOf(id: string): Promise<string[]> {
    const role = await this.getById(id);
    return this.links.codesOf(role);
  }

  async create(resource: RoleResource, input: Input, id: string): Promise<RoleRow> {
    assertRaisable(input);
    return this.writer.create(resource, input, { id });
  }

  async update(resource: RoleResource, id: string, input: Input, versions: Versions): Promise<RoleRow> {
    await this.changeable(resource, id);
    assertRaisable(input);
    return this.writer.update(resource, id, input, versions);
  }

  async delete(resource: RoleResource, id: string, versions: Versions): Promise<void> {
    await this.lockGiving(id);
    await this.changeable(resource, id);
    await this.writer.delete(resource, id, versions);
  }

  async hardDelete(resource: RoleResource, id: string, versions: Versions): Promise<void> {
    await this.lockGiving(id);
    await this.changeable(resource, id);
    await this.links.removeAll(id);
    await this.writer.hardDelete(resource, id, versions);
  }

  async restore(resource: RoleResource, id: string, versions: Versions): Promise<RoleRow> {
    await this.changeable(resource, id);
    return this.writer.restore(resource, id, versions);
  }

  private async lockGiving(id: string): Promise<void> {
    await this.core.query({ text: `select pg_advisory_xact_lock(${roleLock('$1')})`, values: [id] });
  }

  /**
   * Nobody else changes it until the unit has ended: how high it stands now is how high it stood when it was asked.
   * @throws PriorityTooLow for a role not below the caller, PermissionDenied for a built-in one. What is not there is told
   * by what follows
   */
  private async changeable(resource: RoleResource, id: string): Promise<void> {
    const [row] = await this.core.query<{ priority: number }>({
      text: 'select priority from core.roles where organization_id = $1 and id = $2 for update',
      values: [organizationOfScope(), id],
    });
    if (row !== undefined) {
      Ladder.ofCaller().assertAbove(row.priority);
      return;
    }
    const found = await this.reader.find(resource, id);
    if (found?.is_built_in !== true) return;
    throw Ladder.ofCaller().isAboveAll ? builtIn() : PermissionDenied({ required: SUPER_ADMIN });
  }
}

function assertRaisable({ priority, role_code: code }: Input): void {
  if (typeof code === 'string' && BUILT_IN_CODES.has(code.toLowerCase())) throw RoleCodeTaken();
  // a new role without one stands at the foot
  if (priority === undefined || typeof priority === 'number') Ladder.ofCaller().assertAbove(priority ?? 0);
}
