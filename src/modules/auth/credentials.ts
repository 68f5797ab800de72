import { Injectable } from '@nestjs/common';
import { ZERO_ID } from '../../common/ids.js';
import { invalid, InvalidCredentials, TenantChoiceRequired, type Problem } from '../../common/problem.js';
import { SnapshotSource, type IncomingRequest, type Snapshot } from '../../platform/access/index.js';
import { PlatformUnit } from '../../platform/tenancy/platform.js';
import { verifyPassword } from '../users/index.js';
import { Accounts, type Account, type Login } from './accounts.js';
import type { LoginInput } from './auth.dto.js';
import { chooseAccount } from './choose-account.js';
import { LoginTenant } from './login-tenant.js';
import { refusalOf } from './standing.js';

/** Somebody whose password was right and who may sign in. */
export interface Proved {
  readonly account: Account;
  readonly snapshot: Snapshot;
}

/** Passwords against accounts (api.md, "Sign-in without a tenant"). */
@Injectable()
export class Credentials {
  constructor(
    private readonly accounts: Accounts,
    private readonly tenant: LoginTenant,
    private readonly source: SnapshotSource,
    private readonly platform: PlatformUnit,
  ) {}

  /**
   * Whom the input proves. A refusal is in the audit log of each account that was tried.
   * @throws InvalidCredentials, TenantChoiceRequired, TenantSuspended, ValidationFailed
   */
  async prove(input: LoginInput, request: IncomingRequest): Promise<Proved> {
    const login = await this.loginOf(input, request);
    const accounts = login === undefined ? [] : await this.accounts.find(login);
    const choice = chooseAccount(await matching(accounts, input.password));
    switch (choice.kind) {
      case 'nobody':
        return this.refuse(accounts, InvalidCredentials());
      case 'several':
        throw TenantChoiceRequired({ tenant_codes: choice.tenantCodes });
      case 'one':
        return this.admit(choice.account);
    }
  }

  private async admit(account: Account): Promise<Proved> {
    const loaded = await this.source.load(account.userId, account.organizationId, null);
    const refusal = refusalOf(loaded?.snapshot, InvalidCredentials);
    if (refusal !== undefined || loaded === undefined) return this.refuse([account], refusal ?? InvalidCredentials());
    return { account, snapshot: loaded.snapshot };
  }

  /** Undefined: a tenant that is not is named, so that nobody is. */
  private async loginOf(input: LoginInput, request: IncomingRequest): Promise<Login | undefined> {
    const { email, username } = named(input);
    const tenant = await this.tenant.of(input.tenant_code, request);
    if (tenant.kind === 'unknown') return undefined;
    const organizationId = tenant.kind === 'tenant' ? tenant.organizationId : null;
    if (username === undefined) return { email, organizationId };
    const home = organizationId ?? this.tenant.only;
    if (home === undefined) throw invalid('tenant_code', 'required', 'is required with a username');
    return { username, organizationId: home };
  }

  /** One entry where nobody was meant, too: whether there is such an account is not to be told by the clock. */
  private async refuse(accounts: readonly Account[], problem: Problem): Promise<never> {
    const tried = accounts.length > 0 ? accounts : [undefined];
    await this.platform.transaction((work) =>
      work.audit(
        ...tried.map((account) => ({
          organizationId: account?.organizationId ?? ZERO_ID,
          action: 'login',
          resource: 'users',
          resourceId: account?.userId ?? null,
          outcome: 'refused' as const,
          code: problem.code,
        })),
      ),
    );
    throw problem;
  }
}

type Named =
  { readonly email: string; readonly username?: undefined } | { readonly username: string; readonly email?: undefined };

/** By what the person calls himself: by exactly one of the two; null is left out. */
function named({ email = null, username = null }: LoginInput): Named {
  if (email !== null && username !== null) throw invalid('username', 'ambiguous', 'must not be given beside email');
  if (email !== null) return { email };
  if (username !== null) return { username };
  throw invalid('email', 'required', 'or a username is required');
}

/** Those whose password it is. Where there is none to try, one is tried all the same. */
async function matching(accounts: readonly Account[], password: string): Promise<Account[]> {
  if (accounts.length === 0) await verifyPassword(password, null);
  const verdicts = await Promise.all(accounts.map(({ hashedPassword }) => verifyPassword(password, hashedPassword)));
  return accounts.filter((_, index) => verdicts[index]);
}
