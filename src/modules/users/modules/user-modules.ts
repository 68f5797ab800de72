import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { invalid, OwnRoles, ValidationFailed } from '../../../common/problem.js';
import { findModule } from '../../../platform/access/index.js';
import { notFoundAt, ResourceReader } from '../../../platform/resources/index.js';
import { CORE_EM, CoreUnit, currentPlacement } from '../../../platform/tenancy/index.js';
import { Ladder } from '../../rbac/index.js';
import { UserTenantAssociation } from '../association.entity.js';
import { isCaller, Members } from '../members.js';
import { removeRows } from '../removed-rows.js';
import { UserModule } from '../rights.entity.js';
import { Users } from '../users.js';

const ASSIGNED = `select module from core.user_modules where organization_id = $1 and user_id = $2 order by module`;

/** The modules that managers and executives work in. */
@Injectable()
export class UserModules {
  constructor(
    @Inject(CORE_EM) private readonly em: EntityManager,
    private readonly core: CoreUnit,
    private readonly reader: ResourceReader,
    private readonly members: Members,
  ) {}

  /** @throws NotFound */
  async get(userId: string): Promise<string[]> {
    await this.reader.get(Users, userId);
    return this.assignedTo(userId);
  }

  /**
   * Replaces them whole, inside of a core unit of work.
   * @throws NotFound, OwnRoles, PriorityTooLow; PermissionNotHeld for a module of which the caller may not do everything;
   * ValidationFailed for modules that are none, and for who is neither manager nor executive
   */
  async set(userId: string, keys: readonly string[]): Promise<string[]> {
    await this.members.hold(Users, userId, 'manage');
    if (isCaller(userId)) throw OwnRoles();
    const standing = await this.members.standingOf(userId);
    this.members.assertMayTouch(standing);
    const wanted = modulesOf(keys);
    if (wanted.size > 0 && !standing.isManager && !standing.isExecutive)
      throw invalid('modules', 'not_for_him', 'are for managers and executives');
    const there = new Set(await this.assignedTo(userId));
    const ladder = Ladder.ofCaller();
    for (const key of wanted) if (!there.has(key)) ladder.assertHolds(`${key}.*`);
    await this.remove(
      userId,
      [...there].filter((key) => !wanted.has(key)),
    );
    this.add(
      userId,
      [...wanted].filter((key) => !there.has(key)),
    );
    await this.em.flush();
    return this.assignedTo(userId);
  }

  private async assignedTo(userId: string): Promise<string[]> {
    const values = [currentPlacement().organizationId, userId];
    const rows = await this.core.read<{ module: string }>({ text: ASSIGNED, values });
    return rows.map(({ module }) => module);
  }

  private async remove(userId: string, keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    await removeRows(this.core, 'user_modules', {
      where: 't.organization_id = $1 and t.user_id = $2 and t.module = any ($3)',
      values: [currentPlacement().organizationId, userId, keys],
    });
  }

  private add(userId: string, keys: readonly string[]): void {
    const { organizationId } = currentPlacement();
    const member = this.em.getReference(UserTenantAssociation, [organizationId, userId], { wrapped: true });
    for (const module of keys) this.em.create(UserModule, { organizationId, member, module });
  }
}

/** Keys as the registry writes them, each once. */
function modulesOf(keys: readonly string[]): Set<string> {
  const found = keys.map((key) => findModule(key)?.key);
  const errors = found.flatMap((key, n) => (key === undefined ? [notFoundAt(`modules.${String(n)}`)] : []));
  if (errors.length > 0) throw ValidationFailed({ errors });
  return new Set(found.filter((key) => key !== undefined));
}
