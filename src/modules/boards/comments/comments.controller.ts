import { Controller } from '@nestjs/common';
import { PLAIN, ResourceController } from '../../../platform/resources/index.js';
import { Comments } from './comments.js';
import { CommentsService } from './comments.service.js';

@Controller()
export class CommentsController extends ResourceController(Comments, {
  service: CommentsService,
  routes: PLAIN,
}) {}
