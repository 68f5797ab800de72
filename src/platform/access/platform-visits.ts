import { Injectable } from '@nestjs/common';
import { auditInsert, CoreUnit, currentPlacement } from '../tenancy/index.js';
import type { ProtectedAccess } from './access.js';
import type { IncomingRequest } from './authenticator.js';

/** What platform users only look at in a tenant: its audit log tells of it, as their writes tell of themselves. */
@Injectable()
export class PlatformVisits {
  constructor(private readonly core: CoreUnit) {}

  /** One entry for the running scope's actor in its tenant; resolves once it is stored. */
  async record(access: ProtectedAccess, request: IncomingRequest): Promise<void> {
    const { organizationId } = currentPlacement();
    const entry = { organizationId, action: 'read', resource: resourceOf(access, request), resourceId: null };
    await this.core.query(auditInsert('core.audit_log', [entry]));
  }
}

/** `menus` of `/api/v1/menus/me`, where no permission names what is read. */
function resourceOf(access: ProtectedAccess, { routeOptions }: IncomingRequest): string {
  if (access.kind === 'permission') return access.resource;
  return /^(?:\/api\/v1)?\/([^/.]+)/.exec(routeOptions?.url ?? '')?.[1] ?? access.kind;
}
