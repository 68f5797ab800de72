import { ApiProperty } from '@nestjs/swagger';
import { IsNotEmpty, IsOptional } from 'class-validator';
import { IsId, IsLongText, IsOneOf, PersonName, RestorableRow } from '../../../platform/resources/index.js';
import { COMMENT_STATUSES } from './comment.entity.js';

export class UpdateComment {
  /** @example 'I have seen this too.' */
  @IsOptional() @IsNotEmpty() @IsLongText() content?: string;

  /** Hiding what others wrote, and showing it again, needs board_manage or post_manage. */
  @IsOptional() @IsOneOf(COMMENT_STATUSES) status?: string;
}

export class CreateComment {
  /** Your tenant's own id; another one is refused. May be left out. */
  @IsOptional() @IsId() tenant_id?: string;

  /** The comment of the same post that this one answers; it never changes. */
  @IsOptional() @IsId() parent_id?: string | null;

  /** @example 'I have seen this too.' */
  @IsNotEmpty() @IsLongText() content: string;

  /** `published`, when left out. */
  @IsOptional() @IsOneOf(COMMENT_STATUSES) status?: string;
}

export class CommentRow extends RestorableRow {
  tenant_id: string;
  post_id: string;
  parent_id: string | null;
  /** @example 'I have seen this too.' */
  content: string;
  /** null: the system */
  author_id: string | null;
  status: string;
  /** With `?include=author` alone. */
  @ApiProperty({ type: PersonName, required: false, nullable: true }) author?: PersonName | null;
}
