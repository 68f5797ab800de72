import { APP_ROLE, type DatabaseUrls, MOVER_ROLE, OWNER_ROLE, PLATFORM_ROLE } from '../../platform/database/index.js';
import { explain } from '../explain.js';
import { EXIT } from '../exit.js';
import { connected } from '../connected.js';
import { fault, type Finding, note, ok } from './finding.js';

const LOGINS = [
  { key: 'owner', variable: 'DATABASE_URL', role: OWNER_ROLE, without: 'migrate' },
  { key: 'app', variable: 'DATABASE_APP_URL', role: APP_ROLE, without: 'serve' },
  { key: 'platform', variable: 'DATABASE_PLATFORM_URL', role: PLATFORM_ROLE, without: 'serve' },
  { key: 'mover', variable: 'DATABASE_MOVER_URL', role: MOVER_ROLE, without: 'move a tenant' },
] as const;
type Login = (typeof LOGINS)[number];

/** Whether each login is let in, and is the role that policies and grants name, or a member of it. */
export const logins = (urls: DatabaseUrls): Promise<Finding[]> =>
  Promise.all(LOGINS.map((login) => findingOf(login, urls[login.key])));

async function findingOf({ key, variable, role, without }: Login, url: string | undefined): Promise<Finding> {
  const name = `login of the ${key === 'app' ? 'application' : key}`;
  if (url === undefined) return note(name, `${variable} is not set: this node cannot ${without}`);
  try {
    return await connected(url, async (client) => {
      const { rows } = await client.query<{ login: string; there: boolean; member: boolean }>(
        `select current_user as login, r.oid is not null as there, coalesce(pg_has_role(current_user, r.oid, 'usage'), false) as member
         from (values ($1::name)) v(name) left join pg_roles r on r.rolname = v.name`,
        [role],
      );
      const [{ login, there, member } = { login: '', there: false, member: false }] = rows;
      if (member) return ok(name, login === role ? login : `${login}, a member of ${role}`);
      const make = there ? [] : [`create role ${role} nologin nosuperuser nobypassrls nocreaterole;`];
      return fault(name, `${login} is not ${role}, nor a member of it`, ...make, `grant ${role} to "${login}";`);
    });
  } catch (error) {
    const { exit, message, hint } = explain(error);
    if (exit !== EXIT.unreachable) throw error;
    return { name, state: 'unreachable', found: message, ...(hint === undefined ? {} : { remedy: [hint] }) };
  }
}
