import { Inject, Injectable } from '@nestjs/common';
import { newId } from '../../../common/ids.js';
import { CONFIG, type Config } from '../../../config/index.js';
import { knowsMigration, newestMigration } from '../../../platform/database/index.js';
import { validateBody } from '../../../platform/http/index.js';
import { PlatformUnit } from '../../../platform/tenancy/platform.js';
import { CreateTenant, type OwnPlace, Placing } from '../../tenants/index.js';
import type { ArchiveContents } from '../format/archive-contents.js';
import { ArchiveRefused, type Plane } from '../format/archive-format.js';

/** Without `as` it is restored as what it was. */
export interface AskedRestore {
  readonly as?: string | undefined;
  readonly name?: string | undefined;
  readonly adminEmail?: string | undefined;
  readonly isolation?: string | undefined;
  readonly server?: string | undefined;
}
/** What is to be written. */
export interface RestorePlan {
  readonly organizationId: string;
  readonly code: string;
  readonly name: string;
  readonly adminEmail: string | null;
  /** As a second tenant, besides whoever else there is. */
  readonly isNew: boolean;
  /** Core has its row: deleted, or left by a restore that was not finished. */
  readonly isThere: boolean;
  /** Where it stands; null: nowhere yet. */
  readonly locationId: string | null;
  /** Where it is to stand if it stands nowhere; undefined: the shared tables. */
  readonly place: OwnPlace | undefined;
}

interface Standing {
  readonly id: string;
  readonly code: string;
  readonly is_deleted: boolean;
  readonly is_half_made: boolean;
  readonly location_id: string | null;
  readonly isolation: string | null;
  readonly server: string | null;
}
const STANDING = `select o.id, o.tenant_code as code, o.deleted_at is not null as is_deleted, o.settings ? 'restoring' as is_half_made,
    o.location_id, l.isolation, l.server
  from core.organizations o left join core.locations l on l.id = o.location_id where o.id = $1 or o.tenant_code_lower = lower($2)`;

/** Judges what is asked before anything is written. */
@Injectable()
export class RestoreChecks {
  constructor(
    private readonly platform: PlatformUnit,
    private readonly placing: Placing,
    @Inject(CONFIG) private readonly config: Pick<Config, 'multiTenancy'>,
  ) {}

  /**
   * @param id of a second tenant that is not there yet
   * @throws ArchiveRefused; ValidationFailed; NotEntitled for a place that the plan does not have
   */
  async judge(contents: ArchiveContents, asked: AskedRestore, id = newId()): Promise<RestorePlan> {
    const { head, organization } = contents;
    await assertVersion(contents);
    await this.assertKnown(contents);
    const isNew = asked.as !== undefined;
    const code = asked.as ?? organization['tenant_code'] ?? head.tenant.code;
    const name = asked.name ?? organization['tenant_name'] ?? head.tenant.name;
    const adminEmail = asked.adminEmail ?? organization['admin_email'] ?? null;
    if (isNew) this.assertFit(code, name, adminEmail);
    const standing = isNew ? await this.findBeside(code) : await this.findFirst(head.tenant.id, code);
    if (!isNew) await this.assertHostsFree(contents);
    const organizationId = standing?.id ?? (isNew ? id : head.tenant.id);
    const locationId = standing?.location_id ?? null;
    if (standing !== undefined && locationId !== null) assertStaysThere(standing, asked);
    return {
      ...{ organizationId, code, name, adminEmail, isNew, isThere: standing !== undefined },
      locationId,
      place: locationId === null ? await this.placeOf(contents, asked, code, organizationId) : undefined,
    };
  }

  private assertFit(code: string, name: string, adminEmail: string | null): void {
    if (!this.config.multiTenancy) throw new ArchiveRefused('One tenant alone is served here.');
    validateBody(CreateTenant, { tenant_code: code, tenant_name: name, admin_email: adminEmail });
  }

  private async findBeside(code: string): Promise<Standing | undefined> {
    const [standing] = await this.platform.query<Standing>({ text: STANDING, values: [null, code] });
    if (standing === undefined || (standing.is_half_made && standing.is_deleted)) return standing;
    throw new ArchiveRefused(`The code ${code} is taken: it stays so until its tenant is purged.`);
  }

  private async findFirst(id: string, code: string): Promise<Standing | undefined> {
    const found = await this.platform.query<Standing>({ text: STANDING, values: [id, code] });
    const other = found.find((each) => each.id !== id);
    if (other !== undefined)
      throw new ArchiveRefused(`The code ${code} belongs to another tenant by now: restore it beside that, by --as.`);
    const [standing] = found;
    if (standing === undefined || standing.is_deleted) return standing;
    throw new ArchiveRefused(
      `The tenant ${standing.code} is there and in use: delete it first, or restore beside it, by --as.`,
    );
  }

  private async assertHostsFree({ head, organization }: ArchiveContents): Promise<void> {
    const taken = await this.platform.query<{ code: string }>({
      text: `select tenant_code as code from core.organizations where id <> $1 and deleted_at is null
        and (subdomain_lower = lower($2) or (domain_lower = lower($3) and domain_verified_at is not null and $4))`,
      values: [
        ...[head.tenant.id, organization['subdomain'] ?? null, organization['domain'] ?? null],
        typeof organization['domain_verified_at'] === 'string',
      ],
    });
    if (taken.length > 0)
      throw new ArchiveRefused(
        `Its domain or subdomain belongs to ${String(taken[0]?.code)} by now: take it away there.`,
      );
  }

  /** What it names is here, and it was not purged. */
  private async assertKnown({ head, permissions, roles, plans }: ArchiveContents): Promise<void> {
    const missing = await this.platform.query<{ what: string }>({
      text: `select 'the permission ' || c as what from unnest($1::text[]) c where not exists (select from core.permissions p where p.permission_code = c)
        union all select 'the role ' || c from unnest($2::text[]) c
          where not exists (select from core.roles r where r.role_code = c and r.organization_id is null and r.deleted_at is null)
        union all select 'the plan ' || c from unnest($3::text[]) c where not exists (select from core.plans p where p.plan_code = c)`,
      values: [[...permissions], [...roles], [...plans]],
    });
    if (missing.length > 0)
      throw new ArchiveRefused(`The archive names what is not here: ${missing.map(({ what }) => what).join(', ')}.`);
    const purged = await this.platform.query({
      text: `select from core.tombstones where kind = 'tenant' and $1 in (id, organization_id)`,
      values: [head.tenant.id],
    });
    if (purged.length > 0) throw new ArchiveRefused(`The tenant ${head.tenant.code} was purged, and stays so.`);
  }

  /** As it was, unless something else is asked for: that must be in its plan. */
  private async placeOf(
    { head, organization, plans }: ArchiveContents,
    asked: AskedRestore,
    code: string,
    id: string,
  ): Promise<OwnPlace | undefined> {
    const isolation = asked.isolation ?? head.tenant.isolation;
    const wanted = {
      isolation,
      server: asked.server ?? (asked.isolation === undefined ? head.tenant.server : undefined),
    };
    const enabled = JSON.parse(organization['enabled_modules'] ?? '{}') as Record<string, boolean>;
    if (isolation === head.tenant.isolation || enabled[`own_${isolation}`] === true)
      return this.placing.asked(wanted, { code, id });
    return this.placing.placeOf(wanted, organization['license_tier'] ?? [...plans][0] ?? 'free', { code, id });
  }
}

function assertStaysThere({ code, isolation, server }: Standing, asked: AskedRestore): void {
  const isOther = (wanted: string | undefined, has: string | null) => wanted !== undefined && wanted !== has;
  if (!isOther(asked.isolation, isolation) && !isOther(asked.server, server)) return;
  throw new ArchiveRefused(
    `The tenant ${code} stands at ${String(isolation)} on ${String(server)}: restore it there, and move it then.`,
  );
}

async function assertVersion({ head }: ArchiveContents): Promise<void> {
  for (const plane of ['core', 'tenant'] satisfies Plane[]) {
    const [has, needs] = [head.migrations[plane], await newestMigration(plane)];
    if (has > needs)
      throw new ArchiveRefused(
        `The archive was written by a newer version, ${head.version}: its ${plane} tables have ${has}, and those here go up to ${needs}.`,
      );
    if (!(await knowsMigration(plane, has)))
      throw new ArchiveRefused(
        `The archive is of no version that is known here: its ${plane} tables have ${has}. Restore it with the version ${head.version}, migrate there, and export it anew.`,
      );
  }
}
