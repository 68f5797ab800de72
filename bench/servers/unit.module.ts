import { Module } from '@nestjs/common';
import { UnitController } from './unit.controller.js';

@Module({ controllers: [UnitController] })
export class UnitModule {}
