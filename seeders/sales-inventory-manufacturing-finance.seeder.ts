import { madeAt, ownerInTurn, type Owners, seedBusiness } from './business.js';
import { MANUFACTURING_ORDERS } from './data/manufacturing-orders.js';
import type { OrganizationData } from './data/organizations.js';
import type { Row } from './rows.js';
import type { Seeder } from './seeder.js';
import { stableId } from './stable-id.js';

export const salesInventoryManufacturingFinance: Seeder = {
  name: 'sales-inventory-manufacturing-finance',
  about: 'manufacturing orders of the demo organizations whose plan has manufacturing',
  dependsOn: ['demo'],
  demo: true,
  run: (seeding) =>
    seedBusiness(seeding, {
      module: 'manufacturing',
      table: 'manufacturing_orders',
      plural: 'manufacturing orders',
      rowsOf: orderRows,
    }),
};

const orderRows = ({ code }: OrganizationData, owners: Owners): Row[] =>
  (MANUFACTURING_ORDERS[code] ?? []).map(({ item, quantity, status, tags }, number) => ({
    organization_id: stableId('organization', code),
    id: stableId('sales-inventory-manufacturing-finance', code, 'manufacturing order', item),
    owner_id: ownerInTurn(number, owners),
    tags,
    metadata: {},
    version: 1,
    created_at: madeAt(number),
    updated_at: madeAt(number),
    item,
    quantity,
    status,
  }));
