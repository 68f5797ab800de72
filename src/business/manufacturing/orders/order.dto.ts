import { IsOptional } from 'class-validator';
import { BusinessInput, BusinessRow, IsDecimalText, IsName, IsOneOf } from '../../../platform/resources/index.js';
import { ORDER_STATUSES } from './order.entity.js';

export class CreateManufacturingOrder extends BusinessInput {
  /** What is made: a code of your own. @example 'PUMP-40' */
  @IsName(255) item: string;

  /** How much of it. @example '12.0000' */
  @IsDecimalText(18, 4, { above: 0 }) quantity: string;

  /** A new order is `planned`. */
  @IsOptional() @IsOneOf(ORDER_STATUSES) status?: string;
}

export class ManufacturingOrderRow extends BusinessRow {
  /** @example 'PUMP-40' */
  item: string;
  /** @example '12.0000' */
  quantity: string;
  status: string;
}
