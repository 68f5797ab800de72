import { randomBytes } from 'node:crypto';
import { text as textOf } from 'node:stream/consumers';
import { isEmail } from 'class-validator';
import { newId, ZERO_ID } from '../../common/ids.js';
import { assertPasswordAllowed, hashPassword } from '../../modules/users/index.js';
import { SUPER_ADMIN } from '../../platform/access/index.js';
import { PlatformUnit } from '../../platform/tenancy/platform.js';
import { CliError, EXIT, usage } from '../exit.js';
import { findTenant, findUser, type FoundTenant } from '../lookup.js';
import type { Session } from '../session.js';
import { type FoundRole, writeUser } from './write-user.js';

interface Options {
  readonly email: string;
  readonly tenant?: string;
  readonly platform?: boolean;
  readonly username?: string;
  readonly fullName?: string;
  readonly role: string[];
  readonly reportsTo?: string;
  readonly password?: string;
  readonly passwordStdin?: boolean;
}

export async function run(session: Session, options: Options) {
  if (options.tenant === undefined && options.platform !== true) throw usage('Give --tenant, or --platform.');
  if (!isEmail(options.email)) throw usage(`"${options.email}" is no e-mail address.`);
  const { password, made } = await passwordOf(options);
  const platform = (await session.services()).get(PlatformUnit);
  const tenant = options.tenant === undefined ? null : await findTenant(platform, options.tenant);
  const superior = await superiorOf(platform, options, tenant);
  const user = {
    id: newId(),
    organizationId: tenant?.id ?? null,
    email: options.email,
    username: options.username ?? options.email.slice(0, options.email.lastIndexOf('@')),
    fullName: options.fullName ?? null,
    hashedPassword: await hashPassword(password),
    reportsToId: superior,
    roles: await rolesOf(platform, options.platform === true ? [SUPER_ADMIN] : options.role, tenant),
  };
  await writeUser(platform, user);
  const where = tenant === null ? 'the platform' : tenant.code;
  session.out.line(
    `✓ Created ${user.email} in ${where} with ${user.roles.map(({ code }) => code).join(', ') || 'no role yet'}.`,
  );
  if (made) session.out.line(`    password ${password}   (shown this once)`);
  const { id, email, username } = user;
  return {
    ok: true,
    id,
    tenant_id: tenant?.id ?? null,
    email,
    username,
    role_codes: user.roles.map(({ code }) => code),
    ...(made ? { password } : {}),
  };
}

async function passwordOf({ password, passwordStdin }: Options): Promise<{ password: string; made: boolean }> {
  if (password === undefined && passwordStdin !== true)
    return { password: randomBytes(18).toString('base64url'), made: true };
  const given = password ?? (await textOf(process.stdin)).replace(/\r?\n$/, '');
  assertPasswordAllowed(given);
  return { password: given, made: false };
}

async function superiorOf(
  platform: PlatformUnit,
  { role, reportsTo }: Options,
  tenant: FoundTenant | null,
): Promise<string | null> {
  if (reportsTo !== undefined && tenant !== null) return findUser(platform, reportsTo, tenant.id);
  if (role.includes('executive')) throw usage('An executive has a superior.', 'Give --reports-to.');
  return null;
}

/** The roles by their codes: a tenant's own before a built-in one of the same code. */
async function rolesOf(
  platform: PlatformUnit,
  codes: readonly string[],
  tenant: FoundTenant | null,
): Promise<FoundRole[]> {
  const rows = await platform.query<FoundRole>({
    text: `select distinct on (role_code_lower) id, role_code as code, scope_id as "scopeId" from core.roles
      where deleted_at is null and role_code_lower = any ($1) and scope_id = any ($2) order by role_code_lower, organization_id nulls last`,
    values: [codes.map((code) => code.toLowerCase()), [ZERO_ID, tenant?.id ?? ZERO_ID]],
  });
  const known = new Set(rows.map(({ code }) => code.toLowerCase()));
  const unknown = codes.filter((code) => !known.has(code.toLowerCase()));
  if (unknown.length > 0) {
    const hint = rows.length === 0 ? 'Has "tenantry seed entitlements roles" run?' : undefined;
    throw usage(`There is no role ${unknown.join(', ')} there.`, hint);
  }
  if (tenant !== null && known.has(SUPER_ADMIN))
    throw new CliError(EXIT.usage, `${SUPER_ADMIN} is for platform users alone.`);
  return rows;
}
