import { Controller } from '@nestjs/common';
import { ResourceController } from '../../../platform/resources/index.js';
import { ManufacturingOrders } from './orders.js';

@Controller()
export class ManufacturingOrdersController extends ResourceController(ManufacturingOrders) {}
