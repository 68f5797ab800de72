import { Injectable } from '@nestjs/common';
import { Conflict, NotFound, Stale } from '../../common/problem.js';
import { problemOf } from '../../platform/http/index.js';
import {
  type Input,
  type Resource,
  ResourceWriter,
  type UseCases,
  type Versions,
} from '../../platform/resources/index.js';
import { auditContext, auditInsert, CoreUnit, currentPlacement } from '../../platform/tenancy/index.js';
import type { MenuRow } from './menu.dto.js';
import { MenuGroups } from './menu-groups.js';

/** The rules of the tree are asked when all is written: here, instead of at the commit. */
export const SETTLE = { text: `set constraints core.guard_menu immediate`, values: [] } as const;

/** What routes of menus do in their own way: a menu comes and goes with its groups. */
@Injectable()
export class MenuCases implements UseCases<MenuRow> {
  constructor(
    private readonly core: CoreUnit,
    private readonly writer: ResourceWriter,
    private readonly groups: MenuGroups,
  ) {}

  prepare(_menus: Resource<MenuRow>, { required_module: module, group_ids: groupIds, ...rest }: Input): Promise<Input> {
    return Promise.resolve({
      ...rest,
      ...(module === undefined ? {} : { required_module: typeof module === 'string' ? module.toLowerCase() : module }),
      ...(groupIds === undefined ? {} : { group_ids: idsIn(groupIds) }),
    });
  }

  async create(menus: Resource<MenuRow>, { group_ids, ...columns }: Input, id: string): Promise<MenuRow> {
    const row = await this.writer.create(menus, columns, { id });
    const groupIds = idsIn(group_ids);
    await this.groups.replace(id, groupIds);
    await this.core.query(SETTLE);
    return Object.assign(row, { group_ids: [...new Set(groupIds)].sort() });
  }

  async update(
    menus: Resource<MenuRow>,
    id: string,
    { group_ids, ...columns }: Input,
    versions: Versions,
  ): Promise<MenuRow> {
    if (group_ids !== undefined) {
      await this.lock(id, versions, 'and deleted_at is null for no key update');
      const groupIds = idsIn(group_ids);
      const before = await this.groups.replace(id, groupIds);
      if (before !== undefined && Object.keys(columns).length === 0) await this.touch(id, before, groupIds);
    }
    const row = await this.writer.update(menus, id, columns, group_ids === undefined ? versions : undefined);
    await this.core.query(SETTLE);
    return row;
  }

  async hardDelete(menus: Resource<MenuRow>, id: string, versions: Versions): Promise<void> {
    await this.lock(id, versions, 'for update');
    await this.groups.remove(id, []);
    await this.writer.hardDelete(menus, id, versions);
  }

  /** @throws Conflict when its code was taken meanwhile, or its place is not there any more */
  async restore(menus: Resource<MenuRow>, id: string, versions: Versions): Promise<MenuRow> {
    try {
      const row = await this.writer.restore(menus, id, versions);
      await this.core.query(SETTLE);
      return row;
    } catch (error) {
      const { status, extras } = problemOf(error);
      if (status !== 422) throw error;
      throw Conflict({ detail: 'Its place among the menus is not there any more.', ...extras });
    }
  }

  /** @throws NotFound, Stale */
  private async lock(id: string, versions: Versions, how: string): Promise<void> {
    const [menu] = await this.core.query<{ version: number }>({
      text: `select version from core.menus where organization_id = $1 and id = $2 ${how}`,
      values: [currentPlacement().organizationId, id],
    });
    if (menu === undefined) throw NotFound();
    if (versions?.includes(menu.version) === false) throw Stale();
  }

  /** A menu that is for others than before is another version, whatever stands in its own columns. */
  private async touch(id: string, before: readonly string[], after: readonly string[]): Promise<void> {
    const { organizationId } = currentPlacement();
    await this.core.query({
      text: `update core.menus set version = version + 1, updated_at = now(), updated_by = $3 where organization_id = $1 and id = $2`,
      values: [organizationId, id, auditContext().actorId],
    });
    const changes = { before: { group_ids: before }, after: { group_ids: [...new Set(after)].sort() } };
    const entry = { organizationId, action: 'update', resource: 'menus', resourceId: id, changes };
    await this.core.query(auditInsert('core.audit_log', [entry]));
  }
}

/** Of a body that was validated. */
const idsIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.map((id: unknown) => String(id).toLowerCase()) : [];
