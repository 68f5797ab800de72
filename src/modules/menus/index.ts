export { makeDefaultMenus } from './default-menus.js';
export { MenuRow } from './menu.dto.js';
export * from './menu.entity.js';
export { Menus } from './menus.js';
export { MenusModule } from './menus.module.js';
export { MenusService } from './menus.service.js';
