import { Inject, Injectable } from '@nestjs/common';
import { newId } from '../../common/ids.js';
import { CONFIG, type Config } from '../../config/index.js';
import { findScope } from '../../platform/tenancy/index.js';
import { PlatformUnit, type PlatformTransaction } from '../../platform/tenancy/platform.js';
import { lockUser } from './locked-user.js';
import { hashOfToken, newOpaqueToken } from './opaque-token.js';
import { decideRotation, type Rotation, type TokenState } from './rotation.js';

/** A person's sign-in: what all refresh tokens of a family share. */
export interface SessionOwner {
  readonly userId: string;
  /** null: a platform user's */
  readonly organizationId: string | null;
  readonly family: string;
}

/** A session with the refresh token that its owner gets. */
export interface OpenedSession extends SessionOwner {
  readonly refreshToken: string;
}

/** Longest name of a browser that is kept. */
const MAX_USER_AGENT = 255;

/** Refresh tokens in `core.sessions`, one row each. Their times are the database's clock alone. */
@Injectable()
export class Sessions {
  constructor(
    private readonly platform: PlatformUnit,
    @Inject(CONFIG) private readonly config: Pick<Config, 'refreshTokenDays'>,
  ) {}

  /** Begins a session. */
  async open(work: PlatformTransaction, userId: string, organizationId: string | null): Promise<OpenedSession> {
    const family = newId();
    const owner = { userId, organizationId, family };
    return { ...owner, refreshToken: await this.add(work, family, owner) };
  }

  /** Whose token this is, whatever has become of it; undefined for one that never was. */
  async findOwner(token: string): Promise<SessionOwner | undefined> {
    const [owner] = await this.platform.query<SessionOwner>({
      name: 'session-owner',
      text: `select s.user_id as "userId", s.organization_id as "organizationId", s.family
        from core.sessions s where s.refresh_hash = $1`,
      values: [hashOfToken(token)],
    });
    return owner;
  }

  /** What is to become of a token: no other refresh, and no end of the session, comes between this and the commit. */
  async judge(work: PlatformTransaction, token: string, { family }: SessionOwner): Promise<Rotation> {
    await this.lock(work, [family]);
    // a statement of its own: only now it sees what the holder of the lock before had committed
    const [state] = await work.query<TokenState>({
      text: `select (extract(epoch from clock_timestamp() - successor.created_at) * 1000)::float8 as "replacedAgo",
          s.revoked_at is not null as revoked, s.expires_at <= now() as expired,
          exists (select from core.sessions l where l.family = s.family
            and l.replaced_by is null and l.revoked_at is null and l.expires_at > now()) as "familyLives"
        from core.sessions s left join core.sessions successor on successor.id = s.replaced_by
        where s.refresh_hash = $1`,
      values: [hashOfToken(token)],
    });
    return state === undefined ? 'ended' : decideRotation(state);
  }

  /** The session's next token. `rotate` ends the good ones before it, `replay` leaves them. */
  async renew(work: PlatformTransaction, owner: SessionOwner, how: 'rotate' | 'replay'): Promise<OpenedSession> {
    const id = newId();
    const refreshToken = await this.add(work, id, owner);
    if (how === 'rotate') {
      await work.query({
        text: `update core.sessions set replaced_by = $2, updated_at = now()
          where family = $1 and replaced_by is null and id <> $2`,
        values: [owner.family, id],
      });
    }
    return { ...owner, refreshToken };
  }

  /** Ends sessions: their refresh tokens at once, their access tokens on every node by the notice of the table's trigger. */
  async revoke(work: PlatformTransaction, families: readonly string[]): Promise<void> {
    await this.lock(work, families);
    await work.query({
      text: `update core.sessions set revoked_at = now(), updated_at = now()
        where family = any ($1) and revoked_at is null`,
      values: [families],
    });
  }

  /**
   * The living sessions of a person, in whatever tenant. Until the commit none begins: whoever opens one changes or locks
   * the person first.
   */
  async familiesOf(work: PlatformTransaction, userId: string): Promise<string[]> {
    await lockUser(work, userId);
    const rows = await work.query<{ family: string }>({
      text: `select distinct s.family from core.sessions s
        where s.user_id = $1 and s.revoked_at is null and s.replaced_by is null
          and (s.organization_id is null or s.organization_id = any (array(
            select a.organization_id from core.user_tenant_associations a where a.user_id = $1)))`,
      values: [userId],
    });
    return rows.map(({ family }) => family);
  }

  /** Whether the session was ended; while its owner is locked this stays as it is. */
  async isRevoked(work: PlatformTransaction, family: string): Promise<boolean> {
    const living = await work.query({
      text: `select from core.sessions s where s.family = $1 and s.revoked_at is null limit 1`,
      values: [family],
    });
    return living.length === 0;
  }

  /** The first row of a family stands for all of it: two refreshes at the same instant come one after the other. */
  private async lock(work: PlatformTransaction, families: readonly string[]): Promise<void> {
    await work.query({
      text: `select from core.sessions s where s.id = any ($1) order by s.id for update`,
      values: [families],
    });
  }

  private async add(work: PlatformTransaction, id: string, owner: SessionOwner): Promise<string> {
    const { token, hash } = newOpaqueToken();
    const scope = findScope();
    await work.query({
      text: `insert into core.sessions
          (id, user_id, organization_id, refresh_hash, family, user_agent, ip, expires_at, created_by, updated_by)
        values ($1, $2, $3, $4, $5, $6, $7, now() + make_interval(days => $8), $2, $2)`,
      values: [
        id,
        owner.userId,
        owner.organizationId,
        hash,
        owner.family,
        scope?.userAgent?.slice(0, MAX_USER_AGENT) ?? null,
        scope?.ip ?? null,
        this.config.refreshTokenDays,
      ],
    });
    return token;
  }
}
