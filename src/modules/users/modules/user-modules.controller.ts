import { Body, Controller, Get, Param, Put, Req } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import type { FastifyRequest as Request } from 'fastify';
import { RequireAccess } from '../../../platform/access/index.js';
import { UuidPipe } from '../../../platform/http/index.js';
import { refuseQuery } from '../../../platform/resources/index.js';
import { CoreUnit } from '../../../platform/tenancy/index.js';
import { UserOperation } from '../openapi.js';
import { AssignedModules, AssignModules } from './user-module.dto.js';
import { UserModules } from './user-modules.js';

@Controller('users/:user_id/modules')
export class UserModulesController {
  constructor(
    private readonly modules: UserModules,
    private readonly core: CoreUnit,
  ) {}

  @Get()
  @RequireAccess('user', 'read')
  @UserOperation('user_modules_get', 'The modules assigned to a member')
  @ApiResponse({ status: 200, description: 'By key', type: AssignedModules })
  async get(@Param('user_id', UuidPipe) userId: string, @Req() request: Request): Promise<AssignedModules> {
    refuseQuery(request);
    return { modules: await this.modules.get(userId) };
  }

  @Put()
  @RequireAccess('user', 'manage')
  @UserOperation('user_modules_set', 'Assign modules to a manager or an executive', {
    description: 'Replaces them whole. A manager may do everything in his modules.',
  })
  @ApiResponse({ status: 200, description: 'As they are now', type: AssignedModules })
  async set(
    @Param('user_id', UuidPipe) userId: string,
    @Body() { modules }: AssignModules,
    @Req() request: Request,
  ): Promise<AssignedModules> {
    refuseQuery(request);
    return { modules: await this.core.transaction(() => this.modules.set(userId, modules)) };
  }
}
