import { Controller } from '@nestjs/common';
import { ResourceController } from '../../platform/resources/index.js';
import { Permissions } from './permissions.js';
import { PermissionsService } from './permissions.service.js';

@Controller()
export class PermissionsController extends ResourceController(Permissions, {
  service: PermissionsService,
  routes: ['list', 'export', 'get', 'create', 'update', 'delete'],
}) {}
