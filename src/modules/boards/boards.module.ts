import { Module, type OnModuleInit } from '@nestjs/common';
import { GroupsModule, GroupUses } from '../groups/index.js';
import { BoardDefaults } from './boards/board-defaults.js';
import { BoardUsage } from './boards/board-usage.js';
import { BoardsController } from './boards/boards.controller.js';
import { BoardsService } from './boards/boards.service.js';
import { CategoriesController } from './categories/categories.controller.js';
import { CategoriesService } from './categories/categories.service.js';
import { ChildRows } from './children/child-rows.js';
import { CommentsController } from './comments/comments.controller.js';
import { CommentsService } from './comments/comments.service.js';
import { PostsController } from './posts/posts.controller.js';
import { PostsService } from './posts/posts.service.js';
import { BoardAccess } from './rights/board-access.js';
import { CallerGroups } from './rights/caller-groups.js';

/** Boards with their categories, posts and comments. */
@Module({
  imports: [GroupsModule],
  controllers: [BoardsController, CategoriesController, PostsController, CommentsController],
  providers: [
    BoardsService,
    CategoriesService,
    PostsService,
    CommentsService,
    ChildRows,
    BoardAccess,
    BoardDefaults,
    BoardUsage,
    CallerGroups,
  ],
  exports: [BoardDefaults, BoardUsage],
})
export class BoardsModule implements OnModuleInit {
  constructor(
    private readonly uses: GroupUses,
    private readonly usage: BoardUsage,
  ) {}

  onModuleInit(): void {
    this.uses.register('boards', (groupId) => this.usage.boardsUsing(groupId));
  }
}
