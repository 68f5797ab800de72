import { Injectable } from '@nestjs/common';
import { PermissionDenied, ValidationFailed } from '../../common/problem.js';
import { callerId, narrowed, notFoundAt, Reaches, ResourceReader } from '../../platform/resources/index.js';
import { currentPlacement } from '../../platform/tenancy/index.js';
import { PlatformUnit } from '../../platform/tenancy/platform.js';
import { assertMayDeal, type GivenRole, isExecutive, RoleLookup, superiorRequired, Users } from '../users/index.js';

/** What an invitation gives whom it is for. */
export interface Brought {
  readonly roleCodes: string[];
  readonly reportsToId: string | null;
}

/** Whom the scope's caller may invite: as he may make users. */
@Injectable()
export class InvitationRules {
  constructor(
    private readonly platform: PlatformUnit,
    private readonly reader: ResourceReader,
    private readonly reaches: Reaches,
    private readonly roles: RoleLookup,
  ) {}

  /**
   * @returns the roles by their own codes, each once, and the superior
   * @throws PermissionDenied, PriorityTooLow, or ValidationFailed at role_codes and reports_to_id
   */
  async assertMayBring(codes: readonly string[], reportsToId: string | null): Promise<Brought> {
    const isBound = (await this.reaches.of(Users, 'create')).kind !== 'all';
    const roles = await this.rolesOf(codes);
    if (isBound && !(roles.length === 1 && roles.every(isExecutive)))
      throw PermissionDenied({
        required: 'user_create',
        detail: 'Your record scope allows you to invite executives alone.',
      });
    for (const role of roles) assertMayDeal(role);
    const superiorId = reportsToId ?? (isBound ? callerId() : null);
    if (superiorId === null && roles.some(isExecutive)) throw superiorRequired();
    if (superiorId !== null && !(await this.isReached(superiorId, isBound ? 'create' : 'read')))
      throw ValidationFailed({ errors: [notFoundAt('reports_to_id')] });
    return { roleCodes: roles.map(({ code }) => code), reportsToId: superiorId };
  }

  /** For an invitation that is there: what has been deleted since counts no more. @throws PriorityTooLow */
  async assertMayDealWith(codes: readonly string[]): Promise<void> {
    for (const role of await this.found(codes)) if (role !== undefined) assertMayDeal(role);
  }

  /** Whether a living member is in the caller's reach. */
  async isReached(userId: string, action: 'create' | 'read'): Promise<boolean> {
    const users = narrowed(Users, { unit: this.platform });
    return (await this.reader.find(users, userId, action)) !== undefined;
  }

  private async rolesOf(codes: readonly string[]): Promise<GivenRole[]> {
    const found = await this.found(codes);
    const errors = found.flatMap((role, n) => (role === undefined ? [notFoundAt(`role_codes.${String(n)}`)] : []));
    if (errors.length > 0) throw ValidationFailed({ errors });
    return [...new Map(found.flatMap((role) => (role === undefined ? [] : [[role.id, role] as const]))).values()];
  }

  private found(codes: readonly string[]): Promise<(GivenRole | undefined)[]> {
    return this.roles.byCodes(this.platform, currentPlacement().organizationId, codes);
  }
}
