import { Injectable } from '@nestjs/common';
import { Problem } from '../../common/problem.js';
import {
  Authenticator,
  SnapshotSource,
  type Claims,
  type IncomingRequest,
  type Snapshot,
} from '../../platform/access/index.js';
import { PlatformUnit } from '../../platform/tenancy/platform.js';

/** At home in another tenant than $3: a platform user is nobody's guest. */
const ACCOUNT = {
  name: 'invited-account',
  text: `select u.id from core.users u
    where u.id = $1 and u.email_lower = lower($2) and u.organization_id <> $3 and u.deleted_at is null`,
};

/** Who accepts an invitation on a public route, where no guard has asked. */
@Injectable()
export class SignedInAccounts {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly source: SnapshotSource,
    private readonly platform: PlatformUnit,
  ) {}

  /**
   * The id of the account of another tenant with this address whose living session's token the request bears; undefined
   * for everybody else, as if no token had been sent.
   */
  async find(request: IncomingRequest, email: string, organizationId: string): Promise<string | undefined> {
    const claims = await this.claimsOf(request);
    if (claims === undefined || claims.org === null || claims.sid === null) return undefined;
    const loaded = await this.source.load(claims.sub, claims.org, claims.sid);
    if (loaded === undefined || !isSignedIn(loaded.snapshot, claims.sid)) return undefined;
    const values = [claims.sub, email, organizationId];
    const [account] = await this.platform.query<{ id: string }>({ ...ACCOUNT, values });
    return account?.id;
  }

  private async claimsOf(request: IncomingRequest): Promise<Claims | undefined> {
    if (request.headers['authorization'] === undefined) return undefined;
    try {
      return await this.authenticator.verify(request);
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return undefined;
      throw error;
    }
  }
}

/** As the guard would let him in. */
const isSignedIn = (snapshot: Snapshot, family: string): boolean =>
  snapshot.alive && snapshot.tenant?.status === 'active' && snapshot.hasSession(family);
