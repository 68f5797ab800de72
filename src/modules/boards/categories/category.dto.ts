import { IsOptional } from 'class-validator';
import { IsId, IsName, IsWholeNumber, RestorableRow } from '../../../platform/resources/index.js';

export class CreateCategory {
  /** Your tenant's own id; another one is refused. May be left out. */
  @IsOptional() @IsId() tenant_id?: string;

  /** Unique among the living categories of the board, without regard to case. @example 'tools' */
  @IsName(50) category_code: string;

  /** @example 'Tools' */
  @IsName() category_name: string;

  @IsOptional() @IsWholeNumber() display_order?: number;
}

export class CategoryRow extends RestorableRow {
  tenant_id: string;
  board_id: string;
  /** @example 'tools' */
  category_code: string;
  /** @example 'Tools' */
  category_name: string;
  display_order: number;
}
