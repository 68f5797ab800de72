import {
  Conflict,
  InUse,
  NotFound,
  problemOfConstraint,
  TenantMoving,
  Unavailable,
  ValidationFailed,
  type Problem,
} from '../../common/problem.js';

/** What pg's DatabaseError and MikroORM's DriverException have in common. */
interface DatabaseFault {
  code: string;
  message: string;
  constraint?: string;
  detail?: string;
}

/** SQLSTATE (PostgreSQL, appendix A; TM00x is tenancy.enter's) -> problem. Looked up whole first, then by class. */
const BY_STATE: Record<string, (fault: DatabaseFault) => Problem> = {
  // a policy or a grant stopped a write that our own checks let pass: to the caller the row is not there, to us it is a fault
  '42501': (fault) => NotFound({ cause: fault }),
  '23001': () => InUse(),
  '23503': (fault) => (isReferenced(fault) ? InUse() : violated(fault)),
  '23505': (fault) => violated(fault, Conflict),
  '23P01': (fault) => violated(fault, Conflict),
  // a placement that is stale after the one retry; the fence is down
  TM001: (fault) => Unavailable({ cause: fault }),
  TM002: () => TenantMoving(),
  // a database that takes no connections: it is being moved, restored or dropped
  '55000': (fault) => Unavailable({ cause: fault }),
  // statement and lock time-outs, time-outs of a transaction, a standby that was asked to write
  '55P03': (fault) => Unavailable({ cause: fault }),
  '25P03': (fault) => Unavailable({ cause: fault }),
  '25P04': (fault) => Unavailable({ cause: fault }),
  '25006': (fault) => Unavailable({ cause: fault }),
};

const BY_CLASS: Record<string, (fault: DatabaseFault) => Problem> = {
  // a tenant's database that is not there, or that does not let the login in: its tenant's trouble alone
  '28': (fault) => Unavailable({ cause: fault }),
  '3D': (fault) => Unavailable({ cause: fault }),
  // connection lost · out of connections, memory, disk · shut down, cancelled · files
  '08': (fault) => Unavailable({ cause: fault }),
  '53': (fault) => Unavailable({ cause: fault }),
  '57': (fault) => Unavailable({ cause: fault }),
  '58': (fault) => Unavailable({ cause: fault }),
  // a value that a column cannot hold: text with NUL, numbers and times out of range, text too long for an index
  '22': (fault) => ValidationFailed({ cause: fault }),
  '54': (fault) => ValidationFailed({ cause: fault }),
  '23': (fault) => violated(fault),
  // serialization and deadlock: a race that was lost
  '40': () => Conflict({ detail: 'Somebody else was changing the same at this time.' }),
};

/** What the network says when a peer is away; pg adds errors that have words but no code. */
const NETWORK =
  /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENOTFOUND|EAI_AGAIN)$/;
const CONNECTION =
  /^(timeout exceeded when trying to connect|timeout expired|Connection terminated|Client has encountered a connection error|Client was closed|Query read timeout|Cannot use a pool after calling end|the server \S+ is away$)/;

/** The problem of a database error or of a peer that cannot be reached; undefined for anything else. */
export function problemOfDatabase(error: unknown): Problem | undefined {
  if (!hasMessage(error)) return undefined;
  if (CONNECTION.test(error.message)) return Unavailable({ cause: error });
  if (!isCoded(error)) return undefined;
  const { code } = error;
  if (NETWORK.test(code)) return Unavailable({ cause: error });
  return (BY_STATE[code] ?? (code.length === 5 ? BY_CLASS[code.slice(0, 2)] : undefined))?.(error);
}

// by their shape: errors of Node's own modules are no `Error` of jest's realm
const hasMessage = (error: unknown): error is { message: string } =>
  typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string';

const isCoded = (error: { message: string }): error is DatabaseFault =>
  'code' in error && typeof error.code === 'string';

/** The parent is being deleted, rather than a child pointed at nothing: PostgreSQL has one code for both. */
const isReferenced = ({ detail, message }: DatabaseFault): boolean =>
  detail?.includes('still referenced') === true || message.startsWith('update or delete on table');

/** What the one table says of the constraint; one that it lacks is not named to the caller, and is logged. */
const violated = (fault: DatabaseFault, unknown = ValidationFailed): Problem =>
  (fault.constraint === undefined ? undefined : problemOfConstraint(fault.constraint)) ?? unknown({ cause: fault });
