import { Injectable } from '@nestjs/common';
import { ZERO_ID } from '../../common/ids.js';
import { invalid, InvalidCredentials, NotFound, Unauthenticated } from '../../common/problem.js';
import {
  SnapshotSource,
  TenantDirectory,
  type Claims,
  type IncomingRequest,
  type Snapshot,
} from '../../platform/access/index.js';
import { type AuditEntry } from '../../platform/tenancy/index.js';
import { PlatformUnit, type PlatformTransaction } from '../../platform/tenancy/platform.js';
import { AccessTokens } from './access-tokens.js';
import type { LoginInput, SessionTokens, SwitchTenantInput } from './auth.dto.js';
import { Credentials } from './credentials.js';
import { lockUser } from './locked-user.js';
import { PROFILE_OF, signedInUser, type Profile } from './profile.js';
import { runAs } from './run-as.js';
import { Sessions, type OpenedSession, type SessionOwner } from './sessions.js';
import { refusalOf } from './standing.js';

/** Signing in, staying signed in, signing out. */
@Injectable()
export class AuthService {
  constructor(
    private readonly credentials: Credentials,
    private readonly sessions: Sessions,
    private readonly tokens: AccessTokens,
    private readonly source: SnapshotSource,
    private readonly directory: TenantDirectory,
    private readonly platform: PlatformUnit,
  ) {}

  /** @throws Problem as `Credentials.prove` */
  async login(input: LoginInput, request: IncomingRequest): Promise<SessionTokens> {
    const { account, snapshot } = await this.credentials.prove(input, request);
    const session = await runAs(account, () =>
      this.platform.transaction(async (work) => {
        // the password may have been changed, and all sessions ended, since it was verified
        const [signedIn] = await work.query({
          text: `update core.users set last_login_at = now() where id = $1 and hashed_password = $2 returning id`,
          values: [account.userId, account.hashedPassword],
        });
        if (signedIn === undefined) throw InvalidCredentials();
        const opened = await this.sessions.open(work, account.userId, account.organizationId);
        await work.audit(entryOf('login', opened));
        return opened;
      }),
    );
    return this.answer(session, snapshot);
  }

  /**
   * Signs in somebody who has proved who he is without his password: by a token from a mail.
   * @throws Unauthenticated for one who is no member there; TenantSuspended
   */
  async enter(userId: string, organizationId: string): Promise<SessionTokens> {
    const loaded = await this.source.load(userId, organizationId, null);
    const refusal = refusalOf(loaded?.snapshot, Unauthenticated);
    if (refusal !== undefined || loaded === undefined) throw refusal ?? Unauthenticated();
    const session = await runAs({ userId, organizationId }, () =>
      this.platform.transaction(async (work) => {
        await work.query({ text: `update core.users set last_login_at = now() where id = $1`, values: [userId] });
        const opened = await this.sessions.open(work, userId, organizationId);
        await work.audit(entryOf('login', opened));
        return opened;
      }),
    );
    return this.answer(session, loaded.snapshot);
  }

  /**
   * The next pair of a session's tokens.
   * @throws Unauthenticated for a token that is not good (any more) or a person who is not; TenantSuspended
   */
  async refresh(token: string): Promise<SessionTokens> {
    const owner = await this.sessions.findOwner(token);
    if (owner === undefined) throw Unauthenticated();
    const { userId, organizationId, family } = owner;
    // read before the transaction: whoever holds a connection must not wait for a second one
    const loaded = await this.source.load(userId, organizationId, family);
    const session = await this.platform.transaction((work) => this.renew(work, token, owner, loaded?.snapshot));
    // thrown here and not inside: what the reuse of a token revoked has to stay revoked
    if (session === undefined || loaded === undefined) throw Unauthenticated();
    return this.answer(session, loaded.snapshot);
  }

  /**
   * A session of its own in another tenant of the caller's; the one that he has goes on.
   * @throws NotFound for a tenant that is not (his), and for a platform user, who names tenants by X-Tenant;
   * TenantSuspended; ValidationFailed unless it is named in exactly one way
   */
  async switchTenant({ sub, org, sid }: Claims, input: SwitchTenantInput): Promise<SessionTokens> {
    const named = namedTenant(input);
    const organizationId = org === null ? undefined : await this.directory.find(named);
    if (organizationId === undefined) throw NotFound();
    const loaded = await this.source.load(sub, organizationId, null);
    const refusal = refusalOf(loaded?.snapshot, NotFound);
    if (refusal !== undefined || loaded === undefined) throw refusal ?? NotFound();
    const session = await this.platform.transaction(async (work) => {
      await lockUser(work, sub);
      // it may have been ended while this request was on its way
      if (sid === null || (await this.sessions.isRevoked(work, sid))) throw Unauthenticated();
      const opened = await this.sessions.open(work, sub, organizationId);
      await work.audit(entryOf('switch_tenant', opened));
      return opened;
    });
    return this.answer(session, loaded.snapshot);
  }

  /** Ends the caller's session. */
  async logout({ sub, org, sid }: Claims): Promise<void> {
    if (sid === null) return;
    await this.platform.transaction(async (work) => {
      await this.sessions.revoke(work, [sid]);
      await work.audit(entryOf('logout', { userId: sub, organizationId: org, family: sid }));
    });
  }

  /** Ends all sessions of the caller, in whatever tenant. */
  async logoutAll({ sub, org }: Claims): Promise<void> {
    await this.platform.transaction(async (work) => {
      await this.sessions.revoke(work, await this.sessions.familiesOf(work, sub));
      await work.audit({
        organizationId: org ?? ZERO_ID,
        action: 'logout_all',
        resource: 'users',
        resourceId: sub,
      });
    });
  }

  /** Undefined when there is no next pair for this token. */
  private async renew(
    work: PlatformTransaction,
    token: string,
    owner: SessionOwner,
    snapshot: Snapshot | undefined,
  ): Promise<OpenedSession | undefined> {
    const fate = await this.sessions.judge(work, token, owner);
    switch (fate) {
      case 'ended':
        return undefined;
      case 'reuse':
        await this.sessions.revoke(work, [owner.family]);
        await work.audit({ ...entryOf('refresh', owner), ...REUSED });
        return undefined;
      case 'rotate':
      case 'replay': {
        const refusal = refusalOf(snapshot, Unauthenticated);
        if (refusal !== undefined) throw refusal;
        const renewed = await this.sessions.renew(work, owner, fate);
        await runAs(owner, () => work.audit(entryOf('refresh', owner)));
        return renewed;
      }
    }
  }

  private async answer(session: OpenedSession, snapshot: Snapshot): Promise<SessionTokens> {
    const { userId, organizationId, family, refreshToken } = session;
    const [profile] = await this.platform.query<{ profile: Profile }>({ ...PROFILE_OF, values: [userId] });
    if (profile === undefined) throw Unauthenticated();
    return {
      access_token: await this.tokens.make(userId, organizationId, family),
      refresh_token: refreshToken,
      token_type: 'Bearer',
      expires_in: this.tokens.lifetime,
      user: signedInUser(profile.profile, snapshot),
    };
  }
}

/** By exactly one of the two; null is left out. */
function namedTenant({ tenant_code: code = null, tenant_id: id = null }: SwitchTenantInput): string {
  if (code !== null && id !== null) throw invalid('tenant_id', 'ambiguous', 'must not be given beside tenant_code');
  const named = code ?? id;
  if (named === null) throw invalid('tenant_code', 'required', 'or a tenant_id is required');
  return named;
}

/** Who presented it is not known: the entry names nobody as its actor. */
const REUSED = { outcome: 'refused', code: 'unauthenticated', reason: 'a refresh token came again' } as const;

const entryOf = (action: string, { organizationId, family }: SessionOwner): AuditEntry => ({
  organizationId: organizationId ?? ZERO_ID,
  action,
  resource: 'sessions',
  resourceId: family,
});
