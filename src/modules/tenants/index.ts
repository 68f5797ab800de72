export { NewTenants } from './new-tenants.js';
export { Provisioning } from './provisioning.js';
export { locationName } from './location-names.js';
export { type OwnLocation, OwnLocations } from './own-locations.js';
export { ownPlace, type OwnPlace, Placing } from './placing.js';
export { CreateTenant, TenantPlace } from './tenant.dto.js';
export { TenantsService } from './tenants.service.js';
export { TenantPlaces } from './tenant-places.js';
export { TenantsModule } from './tenants.module.js';
