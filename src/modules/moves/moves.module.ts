import { Module } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/index.js';
import { Pools } from '../../platform/database/index.js';
import { TenantMoves } from '../../platform/tenancy/index.js';
import { EntitlementsModule } from '../entitlements/index.js';
import { TenantsModule } from '../tenants/index.js';
import { MovePlaces } from './move-places.js';
import { MoveRequests } from './move-requests.js';
import { MoveRunner } from './move-runner.js';
import { MovesController } from './moves.controller.js';
import { MovesService } from './moves.service.js';

/** Tenants go from one location to another: asked for here, done by the mover of platform/tenancy. */
@Module({
  imports: [EntitlementsModule, TenantsModule],
  controllers: [MovesController],
  providers: [
    MovesService,
    MoveRequests,
    MovePlaces,
    MoveRunner,
    {
      provide: TenantMoves,
      inject: [Pools, MovePlaces, CONFIG],
      useFactory: (pools: Pools, places: MovePlaces, config: Config) => new TenantMoves(pools, places, config),
    },
  ],
  exports: [MovePlaces],
})
export class MovesModule {}
