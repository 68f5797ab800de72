import { defineResource } from '../../../platform/resources/index.js';
import { CreateManufacturingOrder, ManufacturingOrderRow } from './order.dto.js';
import { ManufacturingOrder } from './order.entity.js';

export const ManufacturingOrders = defineResource({
  access: 'manufacturing.orders',
  entity: ManufacturingOrder,
  create: CreateManufacturingOrder,
  row: ManufacturingOrderRow,
  filters: ['item', 'status', 'quantity'],
  search: ['item'],
  sort: ['item', 'status', 'quantity'],
  machine: {
    status: {
      planned: ['released', 'canceled'],
      released: ['done', 'canceled'],
      done: [],
      canceled: [],
    },
  },
});
