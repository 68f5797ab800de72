export * from './boards.module.js';
export * from './boards/board.entity.js';
export * from './boards/board-defaults.js';
export * from './boards/board-group.entity.js';
export * from './boards/board-usage.js';
export * from './categories/category.entity.js';
export * from './comments/comment.entity.js';
export * from './posts/post.entity.js';
