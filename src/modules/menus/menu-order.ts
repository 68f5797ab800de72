import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type FieldFault, ValidationFailed } from '../../common/problem.js';
import { problemOf } from '../../platform/http/index.js';
import {
  type Answer,
  narrowed,
  notFoundAt,
  postedInput,
  refuseQuery,
  ResourceReader,
  Resources,
} from '../../platform/resources/index.js';
import {
  type AuditEntry,
  auditContext,
  auditInsert,
  CoreUnit,
  currentPlacement,
} from '../../platform/tenancy/index.js';
import { SETTLE } from './menu-cases.js';
import { type MenuPlace, type MenuRow, type ReorderedMenus, ReorderMenus } from './menu.dto.js';
import { Menus } from './menus.js';

interface Standing {
  readonly id: string;
  readonly parent_id: string | null;
  readonly display_order: number;
}

/** Puts many menus in their places at once. */
@Injectable()
export class MenuOrder {
  constructor(
    private readonly core: CoreUnit,
    private readonly reader: ResourceReader,
    private readonly resources: Resources,
  ) {}

  /** @throws ValidationFailed at each menu or parent that is not there, and at `items` for what would be no tree */
  reorder(body: unknown, request: FastifyRequest, reply: FastifyReply): Promise<ReorderedMenus> {
    refuseQuery(request);
    const places = placesIn(postedInput(ReorderMenus, body));
    return this.resources.once(request, reply, () => this.answer(places), Menus);
  }

  private async answer(places: readonly MenuPlace[]): Promise<Answer<ReorderedMenus>> {
    await this.move(places);
    const ids = places.map(({ id }) => id);
    // he who may move them is shown them
    const moved = narrowed(Menus, {
      admitted: ['read'],
      where: (sql, row) => `${row}"id" = any(${sql.typed(ids, 'uuid[]')})`,
    });
    const byId = new Map<string, MenuRow>();
    for (const row of (await this.reader.list(moved, 'limit=500')).items) byId.set(row.id, row);
    return { status: 200, body: { items: ids.flatMap((id) => byId.get(id) ?? []) } };
  }

  private async move(places: readonly MenuPlace[]): Promise<void> {
    const before = await this.lock(places);
    await this.assertParents(places);
    const after = places.flatMap((place): Standing[] => {
      const menu = before.get(place.id);
      if (menu === undefined) return [];
      const { parent_id = menu.parent_id, display_order } = place;
      const isSame = parent_id === menu.parent_id && display_order === menu.display_order;
      return isSame ? [] : [{ id: menu.id, parent_id, display_order }];
    });
    if (after.length > 0) await this.write(before, after);
  }

  /** In one order, so that two who move the same menus do not wait for each other. */
  private async lock(places: readonly MenuPlace[]): Promise<Map<string, Standing>> {
    const rows = await this.core.query<Standing>({
      text: `select id, parent_id, display_order from core.menus where organization_id = $1 and id = any($2::uuid[]) and deleted_at is null order by id for no key update`,
      values: [currentPlacement().organizationId, places.map(({ id }) => id)],
    });
    const found = new Map(rows.map((row) => [row.id, row]));
    refuse(places.flatMap(({ id }, at) => (found.has(id) ? [] : [notFoundAt(`items.${String(at)}.id`)])));
    return found;
  }

  private async assertParents(places: readonly MenuPlace[]): Promise<void> {
    const rows = await this.core.query<{ id: string }>({
      text: `select id from core.menus where organization_id = $1 and id = any($2::uuid[]) and deleted_at is null`,
      values: [currentPlacement().organizationId, places.flatMap(({ parent_id: id }) => id ?? [])],
    });
    const living = new Set(rows.map(({ id }) => id));
    const isThere = (id: string | null | undefined) => id === undefined || id === null || living.has(id);
    refuse(
      places.flatMap(({ parent_id: id }, at) => (isThere(id) ? [] : [notFoundAt(`items.${String(at)}.parent_id`)])),
    );
  }

  private async write(before: ReadonlyMap<string, Standing>, after: readonly Standing[]): Promise<void> {
    const { organizationId } = currentPlacement();
    try {
      await this.core.query({
        text: `update core.menus m set parent_id = w.parent_id, display_order = w.display_order, version = m.version + 1, updated_at = now(), updated_by = $3
          from jsonb_to_recordset($2::jsonb) as w (id uuid, parent_id uuid, display_order int) where m.organization_id = $1 and m.id = w.id`,
        values: [organizationId, JSON.stringify(after), auditContext().actorId],
      });
      await this.core.query(SETTLE);
    } catch (error) {
      throw placed(error);
    }
    const entries = after.map((menu): AuditEntry => {
      const changes = differenceOf(before.get(menu.id) ?? menu, menu);
      return { organizationId, action: 'update', resource: 'menus', resourceId: menu.id, changes };
    });
    await this.core.query(auditInsert('core.audit_log', entries));
  }
}

/** Ids in lower case, as they are stored. @throws ValidationFailed at a menu that is named twice */
function placesIn({ items }: ReorderMenus): MenuPlace[] {
  const places = items.map(({ id, parent_id: parent, display_order }): MenuPlace => ({
    id: id.toLowerCase(),
    ...(parent === undefined ? {} : { parent_id: parent === null ? null : parent.toLowerCase() }),
    display_order,
  }));
  const seen = new Set<string>();
  const errors: FieldFault[] = [];
  for (const [at, { id }] of places.entries()) {
    if (seen.has(id)) errors.push({ path: `items.${String(at)}.id`, code: 'duplicate', message: 'is given twice' });
    seen.add(id);
  }
  refuse(errors);
  return places;
}

/** What differs, as an audit entry has it. */
function differenceOf(before: Standing, after: Standing) {
  const names = (['parent_id', 'display_order'] as const).filter((name) => before[name] !== after[name]);
  const of = (menu: Standing) => Object.fromEntries(names.map((name) => [name, menu[name]]));
  return { before: of(before), after: of(after) };
}

/** A fault of the whole is told at the whole. */
function placed(error: unknown): unknown {
  const { status, extras } = problemOf(error);
  if (status !== 422) return error;
  return ValidationFailed({ errors: (extras.errors ?? []).map((fault) => ({ ...fault, path: 'items' })) });
}

function refuse(errors: FieldFault[]): void {
  if (errors.length > 0) throw ValidationFailed({ errors });
}
