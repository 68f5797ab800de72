import { Module } from '@nestjs/common';
import { BoardsModule } from '../boards/index.js';
import { GroupsModule } from '../groups/index.js';
import { InvitationsModule } from '../invitations/index.js';
import { MenusModule } from '../menus/index.js';
import { SubscriptionsModule } from '../subscriptions/index.js';
import { UsersModule } from '../users/index.js';
import { DomainVerification } from './domain-verification.js';
import { NewTenants } from './new-tenants.js';
import { OwnLocations } from './own-locations.js';
import { Placing } from './placing.js';
import { Provisioning } from './provisioning.js';
import { TenantLocationController } from './tenant-location.controller.js';
import { TenantLocationService } from './tenant-location.service.js';
import { TenantPlaces } from './tenant-places.js';
import { TenantRecords } from './tenant-records.js';
import { TenantsController } from './tenants.controller.js';
import { TenantsService } from './tenants.service.js';
import { UnfinishedTenants } from './unfinished-tenants.js';
import './tenants.problems.js';

/** Tenants as a whole: this feature knows the others, of which a new tenant gets something. */
@Module({
  imports: [BoardsModule, GroupsModule, InvitationsModule, MenusModule, SubscriptionsModule, UsersModule],
  controllers: [TenantsController, TenantLocationController],
  providers: [
    TenantsService,
    NewTenants,
    Provisioning,
    TenantPlaces,
    TenantLocationService,
    OwnLocations,
    Placing,
    TenantRecords,
    DomainVerification,
    UnfinishedTenants,
  ],
})
export class TenantsModule {}
