import { Injectable } from '@nestjs/common';
import { invalid } from '../../common/problem.js';
import { isCustomPermission } from '../../platform/access/index.js';
import {
  type Input,
  narrowed,
  type Resource,
  ResourceReader,
  ResourceWriter,
  type UseCases,
  type Versions,
} from '../../platform/resources/index.js';
import { currentScope } from '../../platform/tenancy/index.js';
import { PlatformUnit } from '../../platform/tenancy/platform.js';
import type { PermissionRow } from './permission.dto.js';
import { generated } from './permissions.js';

type PermissionResource = Resource<PermissionRow>;

/** The catalogue of permissions: nobody's rows, read by everybody and written by the platform's people. */
@Injectable()
export class PermissionsService implements UseCases<PermissionRow> {
  constructor(
    private readonly platform: PlatformUnit,
    private readonly reader: ResourceReader,
    private readonly writer: ResourceWriter,
  ) {}

  /** A tenant's login writes no permission, and somebody without a tenant has no unit of core. */
  reachable(resource: PermissionResource): PermissionResource {
    return currentScope().snapshot?.platform === true ? narrowed(resource, { unit: this.platform }) : resource;
  }

  async create(resource: PermissionResource, input: Input, id: string): Promise<PermissionRow> {
    assertCustom(input);
    return this.writer.create(resource, input, { id });
  }

  async update(resource: PermissionResource, id: string, input: Input, versions: Versions): Promise<PermissionRow> {
    await this.assertMadeByHand(resource, id);
    assertCustom(input);
    return this.writer.update(resource, id, input, versions);
  }

  async delete(resource: PermissionResource, id: string, versions: Versions): Promise<void> {
    await this.assertMadeByHand(resource, id);
    await this.writer.delete(resource, id, versions);
  }

  /** A code never turns from one kind into the other: what is asked of it is asked of the row. */
  private async assertMadeByHand(resource: PermissionResource, id: string): Promise<void> {
    const { permission_code } = await this.reader.get(resource, id);
    if (!isCustomPermission(permission_code)) throw generated();
  }
}

function assertCustom({ permission_code: code }: Input): void {
  if (code === undefined || (typeof code === 'string' && isCustomPermission(code))) return;
  throw invalid('permission_code', 'not_custom', 'must read custom_ and words of lower-case letters and digits');
}
