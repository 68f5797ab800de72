import { ApiProperty } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { IsFreeForm, IsId, IsTags } from './validators.js';

/** What every record of a business module takes besides its own columns. */
export class BusinessInput {
  /** Your tenant's own id; another one is refused. May be left out. */
  @IsOptional() @IsId() tenant_id?: string;

  /** The person it belongs to: a member within your record scope. You, when left out. */
  @IsOptional() @IsId() owner_id?: string | null;

  /** @example ['fair-2026'] */
  @IsOptional() @IsTags() tags?: string[];

  /** Free-form data of yours, given back as it came. */
  @IsOptional() @IsFreeForm() metadata?: Record<string, unknown>;
}

/** The name of a member, as `?include=owner` adds it. */
export class PersonName {
  @ApiProperty({ type: 'string', format: 'uuid' }) id: string;
  @ApiProperty({ type: 'string', nullable: true, example: 'Ada Lovelace' }) full_name: string | null;
  @ApiProperty({ type: 'string', nullable: true }) avatar_url: string | null;
}

/** What every row of a resource answers. */
export class StoredRow {
  /** @example '01981f3a-7a53-7c3e-9b0a-0d5a4f6b2c11' */
  id: string;
  /** Raised by each change; the ETag is made of it. */
  version: number;
  created_at: string;
  updated_at: string;
  /** null: the system */
  created_by: string | null;
  /** null: the system */
  updated_by: string | null;
}

/** What every row answers that is deleted softly. */
export class RestorableRow extends StoredRow {
  /** When it was deleted; null while it lives. */
  deleted_at: string | null;
  /** Alive and, where there is a status for it, active. */
  @ApiProperty({ type: 'boolean', example: true }) is_active: boolean;
  @ApiProperty({ type: 'boolean' }) is_deleted: boolean;
}

/** What every record of a business module answers besides its own columns. */
export class BusinessRow extends RestorableRow {
  tenant_id: string;
  /** The person it belongs to. */
  owner_id: string | null;
  @ApiProperty({ type: 'array', items: { type: 'string' }, example: ['fair-2026'] }) tags: string[];
  @ApiProperty({ type: 'object', additionalProperties: true }) metadata: Record<string, unknown>;
  /** With `?include=owner` alone. */
  @ApiProperty({ type: PersonName, required: false, nullable: true }) owner?: PersonName | null;
}
