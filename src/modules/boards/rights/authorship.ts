import { invalid, PermissionDenied, type Problem } from '../../../common/problem.js';
import { holds, type Input, narrowed, type Resource, type StoredRow } from '../../../platform/resources/index.js';
import type { Writer } from './board-access.js';

/** What of a post or comment decides who may change it how. */
export interface Written {
  readonly author_id: string | null;
  readonly status: string;
  /** of posts alone */
  readonly is_pinned?: boolean;
}

/** Who changes it: all that counts of him here. */
type Changer = Pick<Writer, 'id' | 'moderates' | 'pins'>;
const MODERATES = 'post_manage';
const PINS = 'post_update';

const isAuthor = ({ author_id: author }: Written, { id }: Pick<Writer, 'id'>): boolean =>
  author !== null && author === id;

/**
 * Why this change may not be made, beside the permission to change at all; undefined: it may. Pinning is for those who
 * may change the posts of others, hiding what others wrote and showing what was hidden for those who moderate. A draft is its author's alone, so nobody
 * else makes one: it would be gone for him.
 */
export function refusalOfChange(written: Written, input: Input, writer: Changer): Problem | undefined {
  const { is_pinned: pinned, status } = input;
  const isMine = isAuthor(written, writer);
  if (pinned !== undefined && pinned !== (written.is_pinned ?? false) && !writer.pins) return denied(PINS);
  if (status === undefined || status === written.status) return undefined;
  if (status === 'draft' && !isMine) return invalid('status', 'not_allowed', 'is for its author to set');
  const isHiding = status === 'hidden' && !isMine;
  return (isHiding || written.status === 'hidden') && !writer.moderates ? denied(MODERATES) : undefined;
}

/** @throws the refusal of the change, if there is one */
export function assertMay(written: Written, input: Input, writer: Changer): void {
  const refusal = refusalOfChange(written, input, writer);
  if (refusal !== undefined) throw refusal;
}

/** @throws PermissionDenied when it is somebody else's and the caller lacks the permission for that */
export function assertOwnOr<Row extends StoredRow>(
  resource: Resource<Row>,
  action: 'update' | 'delete',
  written: Written,
  caller: Pick<Writer, 'id'>,
): void {
  if (!isAuthor(written, caller) && !holds(resource, action)) throw denied(resource.permissions[action].code);
}

/** The resource by the permission that does for one's own, where it is one's own. */
export function asOwn<Row extends StoredRow>(
  resource: Resource<Row>,
  written: Written,
  caller: Pick<Writer, 'id'>,
): Resource<Row> {
  if (!isAuthor(written, caller)) return resource;
  const { permissions } = resource;
  const own = (action: 'update' | 'delete') => (holds(resource, action) ? permissions[action] : permissions.create);
  return narrowed(resource, { permissions: { ...permissions, update: own('update'), delete: own('delete') } });
}

const denied = (required: string): Problem => PermissionDenied({ required });
