import { defineResource, narrowed } from '../../platform/resources/index.js';
import { OneTimeToken } from '../auth/index.js';
import { CreateInvitation, InvitationRow } from './invitation.dto.js';

const STATUS = (row: string): string => `(case when ${row}used_at is not null then 'accepted'
  when ${row}revoked_at is not null then 'revoked' when ${row}expires_at <= now() then 'expired' else 'pending' end)`;

const tokens = defineResource({
  access: 'user',
  path: 'invitations',
  idParameter: 'invitation_id',
  entity: OneTimeToken,
  // a manager deals with those who will be under him
  scope: 'reports_to_id',
  create: CreateInvitation,
  row: InvitationRow,
  computed: { status: { type: 'varchar(10)', sql: STATUS } },
  filters: ['email', 'status', 'user_id', 'reports_to_id', 'invited_by', 'expires_at'],
  search: ['email'],
  sort: ['email', 'expires_at'],
});

/**
 * The invitations of a tenant, pending and past. The table has tokens of other purposes, and of platform users; it is the
 * platform login's alone, so that no policy stands behind the condition on the organization.
 */
export const StoredInvitations = narrowed(
  { ...tokens, key: 'invitations', title: 'invitations' },
  { holding: 'own', where: (_, row) => `${row}purpose = 'invitation'` },
);
