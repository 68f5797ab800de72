import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsBoolean, IsOptional, IsUUID } from 'class-validator';
import {
  IsFreeForm,
  IsId,
  IsLongText,
  IsName,
  IsOneOf,
  IsWholeNumber,
  RestorableRow,
} from '../../../platform/resources/index.js';
import { BOARD_TYPES } from './board.entity.js';

const MAX_GROUPS = 100;
const IDS = { type: 'array', items: { type: 'string', format: 'uuid' } } as const;

/** At most 100 ids of groups. */
const IsGroupIds = (): PropertyDecorator =>
  applyDecorators(
    ApiProperty({ ...IDS, maxItems: MAX_GROUPS, required: false }),
    IsOptional(),
    IsArray(),
    ArrayMaxSize(MAX_GROUPS),
    IsUUID('all', { each: true }),
  );

export class CreateBoard {
  /** Your tenant's own id; another one is refused. May be left out. */
  @IsOptional() @IsId() tenant_id?: string;

  /** Unique among the living boards of the tenant, without regard to case. @example 'announcements' */
  @IsName(50) board_code: string;

  /** @example 'Announcements' */
  @IsName(100) board_name: string;

  @IsOptional() @IsLongText() description?: string | null;

  /** `notice`, when left out. */
  @IsOptional() @IsOneOf(BOARD_TYPES) board_type?: string;

  @IsOptional() @IsWholeNumber() display_order?: number;

  @IsOptional() @IsBoolean() allow_comments?: boolean;

  @IsOptional() @IsBoolean() allow_attachments?: boolean;

  /** Free-form data of yours, given back as it came. */
  @IsOptional() @IsFreeForm() settings?: Record<string, unknown>;

  /** Groups that may read; none: everyone who has the permission. */
  @IsGroupIds() read_group_ids?: string[];

  /** Groups that may write, and so read; none: everyone who may read and has the permission. */
  @IsGroupIds() write_group_ids?: string[];
}

export class BoardRow extends RestorableRow {
  tenant_id: string;
  /** @example 'announcements' */
  board_code: string;
  /** @example 'Announcements' */
  board_name: string;
  description: string | null;
  board_type: string;
  display_order: number;
  allow_comments: boolean;
  allow_attachments: boolean;
  @ApiProperty({ type: 'object', additionalProperties: true }) settings: Record<string, unknown>;
  /** Groups that may read; none: everyone who has the permission. */
  @ApiProperty(IDS) read_group_ids: string[];
  /** Groups that may write, and so read; none: everyone who may read and has the permission. */
  @ApiProperty(IDS) write_group_ids: string[];
}
