import { Controller } from '@nestjs/common';
import { PLAIN, ResourceController } from '../../../platform/resources/index.js';
import { Posts } from './posts.js';
import { PostsService } from './posts.service.js';

@Controller()
export class PostsController extends ResourceController(Posts, {
  service: PostsService,
  routes: PLAIN,
}) {}
