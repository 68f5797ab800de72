import { Controller } from '@nestjs/common';
import { OF_TENANTS, ResourceController } from '../../platform/resources/index.js';
import { UserGroupCases } from './user-group-cases.js';
import { UserGroups } from './user-groups.js';

@Controller()
export class UserGroupsController extends ResourceController(UserGroups, {
  service: UserGroupCases,
  routes: OF_TENANTS,
}) {}
