import { Controller } from '@nestjs/common';
import { ResourceController } from '../../../platform/resources/index.js';
import { Leads } from './leads.js';

@Controller()
export class LeadsController extends ResourceController(Leads) {}
