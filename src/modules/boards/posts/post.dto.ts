import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsOptional } from 'class-validator';
import { IsId, IsLongText, IsName, IsOneOf, PersonName, RestorableRow } from '../../../platform/resources/index.js';
import { POST_STATUSES } from './post.entity.js';

export class CreatePost {
  /** Your tenant's own id; another one is refused. May be left out. */
  @IsOptional() @IsId() tenant_id?: string;

  /** A category of the same board. */
  @IsOptional() @IsId() category_id?: string | null;

  /** @example 'Office hours' */
  @IsName() title: string;

  /** @example 'The office is open from nine to five.' */
  @IsLongText() content: string;

  /** Needs board_manage or post_manage. */
  @IsOptional() @IsBoolean() is_pinned?: boolean;

  /** A draft is its author's alone. Hiding what others wrote, and showing it again, needs board_manage or post_manage. `published`, when left out. */
  @IsOptional() @IsOneOf(POST_STATUSES) status?: string;
}

export class PostRow extends RestorableRow {
  tenant_id: string;
  board_id: string;
  category_id: string | null;
  /** @example 'Office hours' */
  title: string;
  content: string;
  /** null: the system */
  author_id: string | null;
  is_pinned: boolean;
  status: string;
  /** How often somebody else than its author got it by its id. */
  view_count: number;
  /** Its living comments. */
  comment_count: number;
  /** With `?include=author` alone. */
  @ApiProperty({ type: PersonName, required: false, nullable: true }) author?: PersonName | null;
}
