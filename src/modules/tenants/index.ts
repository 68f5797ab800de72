export { NewTenants } from './new-tenants.js';
export { Provisioning } from './provisioning.js';
export { locationName } from './location-names.js';
export { ownPlace } from './placing.js';
export { TenantPlaces } from './tenant-places.js';
export { TenantsModule } from './tenants.module.js';
