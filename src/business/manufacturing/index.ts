import { ManufacturingOrder } from './orders/order.entity.js';

export { ManufacturingModule as default } from './manufacturing.module.js';
export const entities = [ManufacturingOrder];
