import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsOptional, ValidateNested } from 'class-validator';
import {
  IsFlag,
  IsFreeForm,
  IsId,
  IsIds,
  IsName,
  IsOneOf,
  IsText,
  IsWholeNumber,
  RestorableRow,
} from '../../platform/resources/index.js';
import { MENU_TYPES } from './menu.entity.js';
import { IsMenuUrl, IsModuleKey, IsPermissionCode } from './menu.validators.js';

const MAX_CODE = 50;
/** Groups that one menu is for. */
const MAX_GROUPS = 500;
/** Menus that are put in order at once. */
const MAX_PLACES = 500;

export class CreateMenu {
  /** Your tenant's own id; another one is refused. May be left out. */
  @IsOptional() @IsId() tenant_id?: string;

  /** Unique in the tenant, without regard to case. @example dashboard */
  @IsName(MAX_CODE) menu_code: string;

  /** @example Dashboard */
  @IsName() menu_name: string;

  /** A path, or an address of http or https. @example /dashboard */
  @IsOptional() @IsMenuUrl() menu_url?: string | null;

  /** @example dashboard */
  @IsOptional() @IsText() menu_icon?: string | null;

  /** `group` is shown with a visible child alone; `item`, when left out. */
  @IsOptional() @IsOneOf(MENU_TYPES) menu_type?: string;

  /** The menu that it stands below: five levels at most. */
  @IsOptional() @IsId() parent_id?: string | null;

  /** Among its siblings, the lowest first. @example 1 */
  @IsOptional() @IsWholeNumber() display_order?: number;

  @IsOptional() @IsFlag() is_visible?: boolean;

  /** Whoever lacks it does not see the menu. @example board_read */
  @IsOptional() @IsPermissionCode() required_permission?: string | null;

  /** A tenant that may not use it does not see the menu. @example boards */
  @IsOptional() @IsModuleKey() required_module?: string | null;

  /** Whom it is for: everybody, when there are none. */
  @IsOptional() @IsIds(0, MAX_GROUPS) group_ids?: string[];

  /** Free-form data of yours, given back as it came. */
  @IsOptional() @IsFreeForm() metadata?: Record<string, unknown>;
}

export class MenuRow extends RestorableRow {
  tenant_id: string;
  parent_id: string | null;
  /** @example dashboard */
  menu_code: string;
  /** @example Dashboard */
  menu_name: string;
  /** @example /dashboard */
  menu_url: string | null;
  /** @example dashboard */
  menu_icon: string | null;
  menu_type: string;
  display_order: number;
  is_visible: boolean;
  /** @example board_read */
  required_permission: string | null;
  /** @example boards */
  required_module: string | null;
  /** Whom it is for: everybody, when there are none. */
  @ApiProperty({ type: 'array', items: { type: 'string', format: 'uuid' } }) group_ids: string[];
  @ApiProperty({ type: 'object', additionalProperties: true }) metadata: Record<string, unknown>;
}

/** Where a menu is to stand. */
export class MenuPlace {
  @IsId() id: string;

  /** Absent: where it is. null: at the top. */
  @IsOptional() @IsId() parent_id?: string | null;

  /** @example 1 */
  @IsWholeNumber() display_order: number;
}

export class ReorderMenus {
  /** Your tenant's own id; another one is refused. May be left out. */
  @IsOptional() @IsId() tenant_id?: string;

  /** All of them, or none. */
  @ApiProperty({ type: () => [MenuPlace], minItems: 1, maxItems: MAX_PLACES })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_PLACES)
  @ValidateNested({ each: true })
  @Type(() => MenuPlace)
  items: MenuPlace[];
}

export class ReorderedMenus {
  /** In the order of the request. */
  @ApiProperty({ type: () => [MenuRow] }) items: MenuRow[];
}

/** A menu that somebody sees, and those below it. */
export class VisibleMenu {
  @ApiProperty({ type: 'string', format: 'uuid' }) id: string;
  @ApiProperty({ type: 'string', format: 'uuid', nullable: true }) parent_id: string | null;
  /** @example dashboard */
  menu_code: string;
  /** @example Dashboard */
  menu_name: string;
  /** @example /dashboard */
  menu_url: string | null;
  /** @example dashboard */
  menu_icon: string | null;
  @ApiProperty({ type: 'string', enum: [...MENU_TYPES] }) menu_type: string;
  @ApiProperty({ type: 'integer' }) display_order: number;
  /** @example board_read */
  required_permission: string | null;
  /** @example boards */
  required_module: string | null;
  @ApiProperty({ type: 'object', additionalProperties: true }) metadata: Record<string, unknown>;
  @ApiProperty({ type: () => [VisibleMenu] }) children: VisibleMenu[];
}

export class MenuTree {
  @ApiProperty({ type: () => [VisibleMenu] }) items: VisibleMenu[];
}
