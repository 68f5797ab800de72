/** The built application, under the types of its sources: on sources there is no OpenAPI plugin. */
const load = async <Module>(path: string): Promise<Module> => (await import(`../../dist/src/${path}.js`)) as Module;

export const { AppModule } = await load<typeof import('../../src/app.module.js')>('app.module');
export const { createApp, openApiDocument } = await load<typeof import('../../src/app.setup.js')>('app.setup');
export const { loadConfig } = await load<typeof import('../../src/config/index.js')>('config/index');
export const tenancy = await load<typeof import('../../src/platform/tenancy/index.js')>('platform/tenancy/index');
export const database = await load<typeof import('../../src/platform/database/index.js')>('platform/database/index');
export const access = await load<typeof import('../../src/platform/access/index.js')>('platform/access/index');
export const events = await load<typeof import('../../src/platform/events/index.js')>('platform/events/index');
export const mail = await load<typeof import('../../src/platform/mail/index.js')>('platform/mail/index');
export const { PlatformUnit } =
  await load<typeof import('../../src/platform/tenancy/platform.js')>('platform/tenancy/platform');
export const { OneTimeTokens } = await load<typeof import('../../src/modules/auth/index.js')>('modules/auth/index');
export const { Lead } = await load<typeof import('../../src/business/crm/leads/lead.entity.js')>(
  'business/crm/leads/lead.entity',
);
export const { GroupUses, UserGroupsService } =
  await load<typeof import('../../src/modules/groups/index.js')>('modules/groups/index');
export const { MenusService } = await load<typeof import('../../src/modules/menus/index.js')>('modules/menus/index');
export const { Provisioning } =
  await load<typeof import('../../src/modules/tenants/provisioning.js')>('modules/tenants/provisioning');
