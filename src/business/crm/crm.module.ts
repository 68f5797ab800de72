import { Module } from '@nestjs/common';
import { LeadsController } from './leads/leads.controller.js';

@Module({ controllers: [LeadsController] })
export class CrmModule {}
