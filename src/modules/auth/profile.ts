import { isoTime } from '../../common/time.js';
import { ADMIN, type Snapshot } from '../../platform/access/index.js';
import type { SignedInUser } from './auth.dto.js';

/** What is told to a person of himself, as a json object of SQL: of `core.users u`. Never more: it is an answer. */
export const PROFILE = `json_build_object('id', u.id, 'username', u.username, 'email', u.email, 'full_name', u.full_name,
  'first_name', u.first_name, 'last_name', u.last_name, 'phone', u.phone, 'avatar_url', u.avatar_url,
  'status', u.status, 'is_email_verified', u.is_email_verified, 'preferences', u.preferences,
  'last_login_at', u.last_login_at, 'created_at', u.created_at, 'version', u.version, 'tenant_id', u.organization_id,
  'tenant_code', (select o.tenant_code from core.organizations o where o.id = u.organization_id))`;

/** The profile of the user $1, whatever has become of him. */
export const PROFILE_OF = { name: 'profile', text: `select ${PROFILE} as profile from core.users u where u.id = $1` };

/** The stored half of what is told. */
export type Profile = Omit<SignedInUser, 'role_codes' | 'record_scope' | 'is_superuser' | 'is_company_admin'>;

/** The person as answers have him. `snapshot` is his standing in the tenant of the session. */
export function signedInUser(profile: Profile, { standing }: Snapshot): SignedInUser {
  const { full_name, first_name, last_name, last_login_at } = profile;
  const joined = [first_name, last_name].filter((name) => name !== null).join(' ');
  return {
    ...profile,
    full_name: full_name ?? (joined === '' ? null : joined),
    last_login_at: last_login_at === null ? null : isoTime(last_login_at),
    created_at: isoTime(profile.created_at),
    role_codes: [...standing.roleCodes],
    record_scope: standing.recordScope,
    is_superuser: standing.superuser,
    is_company_admin: standing.roleCodes.includes(ADMIN),
  };
}
