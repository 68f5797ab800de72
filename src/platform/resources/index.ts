export { columnTypeOf, type ColumnType, oneOfType } from './definition/column-types.js';
export { defineResource } from './definition/define-resource.js';
export type { Filter } from './definition/listing.js';
export type { Steps } from './definition/machine.js';
export type { Resource, ResourceInput, RowCondition } from './definition/resource.js';
export { below, narrowed, type Narrowing } from './definition/narrowed.js';
export { BusinessInput, BusinessRow, PersonName, RestorableRow, StoredRow } from './dto/business.dto.js';
export * from './dto/validators.js';
export {
  CONFLICT,
  ETAG,
  IN_USE,
  idempotencyKey,
  ifMatch,
  ifNoneMatch,
  LOCATION,
  REPLAYED,
  STALE,
} from './http/operation-parts.js';
export { flagOf, includedIn, refuseInput, refuseQuery } from './http/flags.js';
export { listed } from './http/operations.js';
export {
  type ControllerOptions,
  OF_TENANTS,
  PLAIN,
  ResourceController,
  type ResourceRoutes,
} from './http/resource-controller.js';
export { Resources, send } from './http/resources.js';
export { sendLink } from './http/send-link.js';
export type { UseCases } from './http/use-cases.js';
export { type Answer, Idempotency, type Ledger } from './idempotency/idempotency.js';
export { type IdempotencyKey, keyOf } from './idempotency/idempotency-key.js';
export { type Condition, conditionOf, predicateOf } from './reading/condition.js';
export { People } from './reading/people.js';
export { fault, queryOf, readQuery, unknownParameter, wholeNumber } from './reading/query-string.js';
export { withTimes } from './reading/rows.js';
export { ResourceReader } from './reading/resource-reader.js';
export { resourceProviders } from './providers.js';
export { callerId, holds, type Reach, Reaches, reaches, within } from './reach.js';
export { literal, quoted, Sql } from './sql.js';
export { organizationOfScope, Units } from './units.js';
export { auditEntry, type Audited } from './writing/audit-sql.js';
export { type Creation, ResourceWriter, type Versions } from './writing/resource-writer.js';
export { checkCreate, checkUpdate, type Input, inputOf, postedInput } from './writing/input.js';
export { versionsOf } from './writing/precondition.js';
export { notFoundAt } from './writing/references.js';
