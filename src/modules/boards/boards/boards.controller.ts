import { Controller } from '@nestjs/common';
import { OF_TENANTS, ResourceController } from '../../../platform/resources/index.js';
import { Boards } from './boards.js';
import { BoardsService } from './boards.service.js';

@Controller()
export class BoardsController extends ResourceController(Boards, {
  service: BoardsService,
  routes: OF_TENANTS,
}) {}
