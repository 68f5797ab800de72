import { Controller } from '@nestjs/common';
import { PLAIN, ResourceController } from '../../../platform/resources/index.js';
import { Categories } from './categories.js';
import { CategoriesService } from './categories.service.js';

@Controller()
export class CategoriesController extends ResourceController(Categories, {
  service: CategoriesService,
  routes: PLAIN,
}) {}
