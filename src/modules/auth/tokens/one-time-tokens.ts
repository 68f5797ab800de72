import { Injectable } from '@nestjs/common';
import { LockMode, raw } from '@mikro-orm/postgresql';
import { newId } from '../../../common/ids.js';
import { PlatformUnit, type PlatformTransaction } from '../../../platform/tenancy/platform.js';
import { hashOfToken, newOpaqueToken } from '../opaque-token.js';
import { OneTimeToken } from './one-time-token.entity.js';

export type TokenPurpose = OneTimeToken['purpose'];

/**
 * Whose tokens: those of a person in an organization, or, while there is no person yet, of an address there (compared
 * without case). One of them lives at a time for each purpose.
 */
export interface TokenHolder {
  readonly purpose: TokenPurpose;
  /** null: a platform user's */
  readonly organizationId: string | null;
  /** null: nobody has the address yet */
  readonly userId: string | null;
  readonly email: string;
}

export interface TokenInput extends TokenHolder {
  /** Of the row; a new one when left out. */
  readonly id?: string;
  /** The roles that an invitation brings. */
  readonly roleCodes?: readonly string[];
  /** Whom the invited person will report to. */
  readonly reportsToId?: string | null;
  readonly invitedBy?: string | null;
  /** Seconds; 7 days for an invitation, 2 days for an e-mail, 1 hour for a password, when left out. */
  readonly lifetime?: number;
}

export interface MadeToken {
  readonly id: string;
  /** For its owner alone: only its hash is stored. */
  readonly token: string;
  readonly expiresAt: Date;
}

/** What a token that is still good says. */
export type LivingToken = Pick<
  OneTimeToken,
  'id' | 'purpose' | 'organizationId' | 'userId' | 'email' | 'roleCodes' | 'reportsToId' | 'invitedBy'
>;

const HOUR = 3600;
const LIFETIMES: Readonly<Record<TokenPurpose, number>> = {
  invitation: 7 * 24 * HOUR,
  email: 2 * 24 * HOUR,
  password: HOUR,
};

/** Tokens that are mailed and good once. Whether one is too old, the database's clock says. */
@Injectable()
export class OneTimeTokens {
  constructor(private readonly platform: PlatformUnit) {}

  /** A new token. Those that the holder had for the same purpose are worth nothing from now on. */
  async make(work: PlatformTransaction, { lifetime, roleCodes = [], ...input }: TokenInput): Promise<MadeToken> {
    const expiresAt = await this.lock(work, input, lifetime ?? LIFETIMES[input.purpose]);
    await this.revoke(work, input);
    const { token, hash } = newOpaqueToken();
    const { purpose, organizationId, userId, email, reportsToId = null, invitedBy = null, id = newId() } = input;
    const row = work.em.create(OneTimeToken, {
      ...{ id, purpose, organizationId, userId, email, reportsToId, invitedBy, expiresAt },
      roleCodes: [...roleCodes],
      tokenHash: hash,
    });
    work.em.persist(row);
    await work.em.flush();
    return { id: row.id, token, expiresAt };
  }

  /** What a token says while it can be used; undefined for any other, whatever has become of it. */
  async find(purpose: TokenPurpose, token: string): Promise<LivingToken | undefined> {
    const [found] = await this.platform.query<LivingToken>({
      name: 'one-time-token',
      text: `select t.id, t.purpose, t.organization_id as "organizationId", t.user_id as "userId", t.email,
          t.role_codes as "roleCodes", t.reports_to_id as "reportsToId", t.invited_by as "invitedBy"
        from core.one_time_tokens t
        where t.token_hash = $1 and t.purpose = $2
          and t.used_at is null and t.revoked_at is null and t.expires_at > now()`,
      values: [hashOfToken(token), purpose],
    });
    return found;
  }

  /** Uses a token up: of all who try, one gets what it says. The others, and whoever comes too late, get undefined. */
  async use(work: PlatformTransaction, purpose: TokenPurpose, token: string): Promise<LivingToken | undefined> {
    const row = await work.em.findOne(
      OneTimeToken,
      { tokenHash: hashOfToken(token), purpose, ...UNUSED, expiresAt: { $gt: raw('now()') } },
      LOCKED,
    );
    if (row === null) return undefined;
    row.usedAt = new Date();
    await work.em.flush();
    return row;
  }

  /**
   * Another token for the same row, mailed to an address that may have changed: the one before is worth nothing from now
   * on, nor is any other of the holder's. Undefined for a row that was used or revoked.
   */
  async renew(work: PlatformTransaction, id: string, email: string): Promise<MadeToken | undefined> {
    const found = await work.em.findOne(OneTimeToken, { id, ...UNUSED });
    if (found === null) return undefined;
    const { purpose, organizationId = null, userId = null } = found;
    const holder = { purpose, organizationId, userId, email };
    const expiresAt = await this.lock(work, holder, LIFETIMES[purpose]);
    const row = await work.em.findOne(OneTimeToken, { id, ...UNUSED }, { ...LOCKED, refresh: true });
    if (row === null) return undefined;
    await this.revoke(work, holder, id);
    const { token, hash } = newOpaqueToken();
    Object.assign(row, { email, tokenHash: hash, expiresAt });
    await work.em.flush();
    return { id, token, expiresAt };
  }

  /** Ends one that has been neither used nor revoked. */
  async end(work: PlatformTransaction, id: string): Promise<void> {
    const row = await work.em.findOne(OneTimeToken, { id, ...UNUSED }, LOCKED);
    if (row === null) return;
    row.revokedAt = new Date();
    await work.em.flush();
  }

  /** Ends what the holder has for this purpose and has not used. @param kept the row of one that goes on */
  async revoke(work: PlatformTransaction, holder: TokenHolder, kept: string | null = null): Promise<void> {
    const { purpose, organizationId, userId, email } = holder;
    const whose = userId === null ? { userId, emailLower: raw('lower(?)', [email]) } : { userId };
    const others = kept === null ? {} : { id: { $ne: kept } };
    // locked: one that is just being used is not revoked as well
    const rows = await work.em.find(OneTimeToken, { purpose, organizationId, ...whose, ...others, ...UNUSED }, LOCKED);
    for (const row of rows) row.revokedAt = new Date();
    await work.em.flush();
  }

  /** Two who make one for the same holder at the same instant come one after the other. Answers when it will end. */
  private async lock(work: PlatformTransaction, holder: TokenHolder, lifetime: number): Promise<Date> {
    const { purpose, organizationId, userId, email } = holder;
    const key = `one_time_tokens:${purpose}:${organizationId ?? ''}:${userId ?? email.toLowerCase()}`;
    const [row] = await work.query<{ ends: number }>({
      text: `select extract(epoch from now())::float8 * 1000 + $2::float8 * 1000 as ends, pg_advisory_xact_lock(hashtextextended($1, 0))`,
      values: [key, lifetime],
    });
    return new Date(row?.ends ?? 0);
  }
}

const UNUSED = { usedAt: null, revokedAt: null };
const LOCKED = { lockMode: LockMode.PESSIMISTIC_WRITE } as const;
