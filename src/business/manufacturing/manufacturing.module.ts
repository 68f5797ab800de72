import { Module } from '@nestjs/common';
import { ManufacturingOrdersController } from './orders/orders.controller.js';

@Module({ controllers: [ManufacturingOrdersController] })
export class ManufacturingModule {}
