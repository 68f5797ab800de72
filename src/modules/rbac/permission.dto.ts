import { IsOptional } from 'class-validator';
import { ACTIONS } from '../../platform/access/index.js';
import { IsLongText, IsName, IsOneOf, IsText, StoredRow } from '../../platform/resources/index.js';

/** A permission for the product's own handlers: all others are generated from the module registry. */
export class CreatePermission {
  /** `custom_` and words in lower case. @example 'custom_action' */
  @IsName(100) permission_code: string;
  /** @example 'Custom Action' */
  @IsName(100) permission_name: string;
  /** What it is about, in your own words. @example 'user' */
  @IsName(100) resource: string;
  @IsOneOf(ACTIONS) action: string;
  @IsOptional() @IsText(50) module?: string | null;
  @IsOptional() @IsText(50) submodule?: string | null;
  @IsOptional() @IsLongText() description?: string | null;
}

export class PermissionRow extends StoredRow {
  permission_code: string;
  permission_name: string;
  resource: string;
  action: string;
  module: string | null;
  submodule: string | null;
  description: string | null;
}
