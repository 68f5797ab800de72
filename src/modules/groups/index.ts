export { joinRegularUsers, makeDefaultGroups } from './default-groups.js';
export type { Running } from './group-links.js';
export { GroupUses } from './group-uses.js';
export { GroupsModule } from './groups.module.js';
export { UserGroupRow } from './user-group.dto.js';
export * from './user-group.entity.js';
export { isComputed, UserGroups } from './user-groups.js';
export { UserGroupsService } from './user-groups.service.js';
