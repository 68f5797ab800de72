declare const importOnce: (specifier: string) => Promise<unknown>;

/** The built application, under the types of its sources: on sources there is no OpenAPI plugin. */
const load = async <Module>(path: string): Promise<Module> => (await importOnce(`../../dist/src/${path}.js`)) as Module;

// tokens and decorators of the application are those of the packages that it imports itself
export const { EntityManager } = (await importOnce('@mikro-orm/postgresql')) as typeof import('@mikro-orm/postgresql');
export const nest = {
  ...((await importOnce('@nestjs/common')) as typeof import('@nestjs/common')),
  ...((await importOnce('@nestjs/core')) as typeof import('@nestjs/core')),
};

export const { catalogue } = await load<typeof import('../../src/common/problem.js')>('common/problem');

export const { AppModule } = await load<typeof import('../../src/app.module.js')>('app.module');
export const { createApp, openApiDocument } = await load<typeof import('../../src/app.setup.js')>('app.setup');
export const { loadConfig } = await load<typeof import('../../src/config/index.js')>('config/index');
export const tenancy = await load<typeof import('../../src/platform/tenancy/index.js')>('platform/tenancy/index');
export const database = await load<typeof import('../../src/platform/database/index.js')>('platform/database/index');
export const access = await load<typeof import('../../src/platform/access/index.js')>('platform/access/index');
export const users = await load<typeof import('../../src/modules/users/index.js')>('modules/users/index');
export const events = await load<typeof import('../../src/platform/events/index.js')>('platform/events/index');
export const jobs = await load<typeof import('../../src/platform/jobs/index.js')>('platform/jobs/index');
export const mail = await load<typeof import('../../src/platform/mail/index.js')>('platform/mail/index');
export const { PlatformUnit } =
  await load<typeof import('../../src/platform/tenancy/platform.js')>('platform/tenancy/platform');
export const { Afterwards, OneTimeTokens } =
  await load<typeof import('../../src/modules/auth/index.js')>('modules/auth/index');
export const boards = await load<typeof import('../../src/modules/boards/index.js')>('modules/boards/index');
export const { Lead } = await load<typeof import('../../src/business/crm/leads/lead.entity.js')>(
  'business/crm/leads/lead.entity',
);
export const { GroupUses, UserGroupsService } =
  await load<typeof import('../../src/modules/groups/index.js')>('modules/groups/index');
export const { MenusService } = await load<typeof import('../../src/modules/menus/index.js')>('modules/menus/index');
export const { OwnLocations, NewTenants } =
  await load<typeof import('../../src/modules/tenants/index.js')>('modules/tenants/index');
export const { Provisioning } =
  await load<typeof import('../../src/modules/tenants/provisioning.js')>('modules/tenants/provisioning');
export const { MoveRunner } =
  await load<typeof import('../../src/modules/moves/move-runner.js')>('modules/moves/move-runner');
export const { ExportJobs } = await load<typeof import('../../src/modules/archives/exports/export-jobs.js')>(
  'modules/archives/exports/export-jobs',
);
export const { runSeeders } = await load<typeof import('../../seeders/index.js')>('../seeders/index');
export const { Remains } = await load<typeof import('../../src/modules/purges/remains.js')>('modules/purges/remains');
export const purges = await load<typeof import('../../src/modules/purges/index.js')>('modules/purges/index');
export const archives = await load<typeof import('../../src/modules/archives/index.js')>('modules/archives/index');
export const storage = {
  ...(await load<typeof import('../../src/platform/storage/index.js')>('platform/storage/index')),
  ...(await load<typeof import('../../src/platform/storage/platform.js')>('platform/storage/platform')),
  ...(await load<typeof import('../../src/platform/storage/s3-store.js')>('platform/storage/s3-store')),
};
