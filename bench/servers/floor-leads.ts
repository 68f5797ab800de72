/** A lead as it is answered. */
export interface LeadRow {
  id: string;
  version: number;
  created_at: string;
  updated_at: string;
  readonly [column: string]: unknown;
}
export type LeadInput = Readonly<Record<string, string | undefined>>;

const text = { type: 'string' };
const textOrNull = { type: 'string', nullable: true };
const COLUMNS = {
  tenant_id: text,
  id: text,
  owner_id: textOrNull,
  tags: { type: 'array', items: text },
  metadata: { type: 'object', additionalProperties: true },
  version: { type: 'integer' },
  created_at: text,
  updated_at: text,
  created_by: textOrNull,
  updated_by: textOrNull,
  deleted_at: textOrNull,
  name: text,
  company: textOrNull,
  email: textOrNull,
  phone: textOrNull,
  source: textOrNull,
  status: text,
  estimated_value: textOrNull,
  currency: textOrNull,
  is_active: { type: 'boolean' },
  is_deleted: { type: 'boolean' },
};

/** Schemas that Fastify compiles its serializers from. */
export const LEAD = { type: 'object', properties: COLUMNS };
export const PAGE = {
  type: 'object',
  properties: {
    items: { type: 'array', items: LEAD },
    next_cursor: textOrNull,
    total: { type: 'integer', nullable: true },
  },
};

const COMPUTED: Partial<Record<string, string>> = {
  tenant_id: 'organization_id as tenant_id',
  is_active: '(deleted_at is null) as is_active',
  is_deleted: '(deleted_at is not null) as is_deleted',
};
const SELECT = Object.keys(COLUMNS)
  .map((column) => COMPUTED[column] ?? column)
  .join(', ');

/** A page of the newest and one row more. The limit is written out, as the product does. */
export const listOf = (limit: number) => ({
  name: `list-${String(limit)}`,
  text: `select ${SELECT} from crm_leads where organization_id = $1 and deleted_at is null order by created_at desc, id desc limit ${String(limit + 1)}`,
});
export const GET = {
  name: 'get',
  text: `select ${SELECT} from crm_leads where organization_id = $1 and id = $2 and deleted_at is null`,
};

const INPUT = ['name', 'company', 'email', 'phone', 'source', 'estimated_value', 'currency'];
/** What an audit entry tells by itself. */
const BOOKKEEPING = '{organization_id,id,version,created_at,updated_at,created_by,updated_by,deleted_at}';
const MADE = `made as (
      insert into crm_leads (organization_id, id, owner_id, created_by, updated_by, ${INPUT.join(', ')})
      select $1::uuid, $2::uuid, $3::uuid, $3::uuid, $3::uuid, ${INPUT.map((_, at) => `$${String(at + 4)}`).join(', ')} returning *)`;
/** Row and audit entry in one statement. */
export const CREATE = {
  name: 'create',
  text: `with ${MADE}, noted as (
      insert into audit_log (organization_id, id, actor_id, actor_kind, action, resource, resource_id, changes, request_id, ip, user_agent)
      select $1::uuid, $11::uuid, $3::uuid, 'user', 'create', 'crm_leads', id,
        jsonb_build_object('after', to_jsonb(made) - '${BOOKKEEPING}'::text[]), $12, $13, $14 from made)
    select ${SELECT} from made`,
};

/** What the entry costs is what this one saves. */
export const CREATE_UNNOTED = { name: 'create-unnoted', text: `with ${MADE} select ${SELECT} from made` };

/** Of the row alone. */
export const rowValues = (input: LeadInput, organization: string, caller: string, id: string): unknown[] => [
  organization,
  id,
  caller,
  ...INPUT.map((column) => input[column] ?? null),
];
