import { defineEntity, p } from '@mikro-orm/postgresql';
import { decimal, businessRecord, businessTable, oneOf } from '../../../platform/database/index.js';

export const ORDER_STATUSES = ['planned', 'released', 'done', 'canceled'] as const;

const ManufacturingOrderSchema = defineEntity({
  name: 'ManufacturingOrder',
  ...businessTable('manufacturing_orders'),
  checks: [
    oneOf('manufacturing_orders', 'status', ORDER_STATUSES),
    { name: 'manufacturing_orders_quantity_check', expression: 'quantity > 0' },
  ],
  properties: {
    ...businessRecord,
    item: p.string().length(255),
    quantity: decimal(18, 4),
    status: p.string().length(10).default('planned').$type<(typeof ORDER_STATUSES)[number]>(),
  },
});
export class ManufacturingOrder extends ManufacturingOrderSchema.class {}
ManufacturingOrderSchema.setClass(ManufacturingOrder);
