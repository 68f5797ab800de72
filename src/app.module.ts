import { type DynamicModule, Module, type Type } from '@nestjs/common';
import type { Config } from './config/index.js';
import { businessModules } from './app.entities.js';
import { AccessFactsModule } from './modules/access/index.js';
import { ArchivesModule } from './modules/archives/index.js';
import { BackupsModule } from './modules/backups/index.js';
import { AuditModule } from './modules/audit/index.js';
import { AuthModule } from './modules/auth/index.js';
import { BoardsModule } from './modules/boards/index.js';
import { EntitlementsModule } from './modules/entitlements/index.js';
import { GroupsModule } from './modules/groups/index.js';
import { InvitationsModule } from './modules/invitations/index.js';
import { MenusModule } from './modules/menus/index.js';
import { MovesModule } from './modules/moves/index.js';
import { PurgesModule } from './modules/purges/index.js';
import { TenantsModule } from './modules/tenants/index.js';
import { UsersModule } from './modules/users/index.js';
import type { OpenDatabase } from './platform/database/index.js';
import { RbacModule } from './modules/rbac/index.js';
import { PlatformModule } from './platform/platform.module.js';
import { coreEntities, tenantEntities } from './app.entities.js';

/** The foundation of the product, in the order of dependency. Business modules follow by the registry. */
const FOUNDATION: Type[] = [
  ...[AccessFactsModule, AuthModule, RbacModule, UsersModule, GroupsModule, MenusModule, BoardsModule],
  ...[InvitationsModule, EntitlementsModule, TenantsModule, MovesModule, ArchivesModule, BackupsModule, PurgesModule],
  AuditModule,
];

@Module({})
export class AppModule {
  static async forRoot(config: Config, database: OpenDatabase): Promise<DynamicModule> {
    const platform = PlatformModule.forRoot({
      config,
      database,
      coreEntities,
      tenantEntities: await tenantEntities(),
    });
    return { module: AppModule, imports: [platform, ...FOUNDATION, ...(await businessModules())] };
  }
}
