import { setTimeout as sleep } from 'node:timers/promises';
import { MoveRequests } from '../../modules/moves/index.js';
import { isInHand, type MovePlace, type MoveRecord, TenantMoves } from '../../platform/tenancy/index.js';
import { PlatformUnit } from '../../platform/tenancy/platform.js';
import { usage } from '../exit.js';
import { findTenant, type FoundTenant } from '../lookup.js';
import type { Session } from '../session.js';

interface Options {
  readonly to?: string;
  readonly server?: string;
  readonly abort?: boolean;
  readonly resume?: boolean;
  readonly rollback?: boolean;
}
/** Milliseconds between two looks at a move. */
const LOOK_MS = 250;
const OVER = ['done', 'failed', 'aborted'];

export async function run(session: Session, named: string, options: Options) {
  const services = await session.services();
  const platform = services.get(PlatformUnit);
  const moves = services.get(TenantMoves);
  const requests = services.get(MoveRequests);
  const tenant = await findTenant(platform, named);
  if (options.to !== undefined) {
    const id = await requests.add(tenant.id, { isolation: options.to, server: options.server });
    return follow(session, moves, tenant, id);
  }
  const last = await lastOf(platform, tenant);
  if (options.rollback === true) return follow(session, moves, tenant, await requests.addBack(tenant.id, last));
  if (options.resume === true) return follow(session, moves, tenant, last);
  return tell(session, tenant, await (options.abort === true ? moves.abort(last) : moves.get(last)));
}

async function lastOf(platform: PlatformUnit, { id, code }: FoundTenant): Promise<string> {
  const [last] = await platform.query<{ id: string }>({
    text: 'select id from core.moves where organization_id = $1 order by created_at desc, id desc limit 1',
    values: [id],
  });
  if (last === undefined) throw usage(`${code} has never been moved.`, 'Give --to: shared, schema or database.');
  return last.id;
}

/** Moves it in this process, and looks on until it is over. */
async function follow(session: Session, moves: TenantMoves, tenant: FoundTenant, id: string) {
  // a move that cannot go on is told of at once, and not looked at for ever
  const stuck = moveOn(moves, id).then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  let told = '';
  for (;;) {
    const move = await moves.get(id);
    if (move.status !== told) session.out.line(`  ${move.status}`);
    told = move.status;
    session.out.progress(move.rowsCopied, move.rowsTotal, `${tenant.code} ${move.status}`);
    if (OVER.includes(move.status)) break;
    const met = await Promise.race([stuck, sleep(LOOK_MS)]);
    if (met !== undefined && !OVER.includes((await moves.get(id)).status)) throw met.error;
  }
  await stuck;
  return tell(session, tenant, await moves.get(id));
}

/** Another process may have the tenant in hand: a mover, or an export, after which nobody might go on. */
async function moveOn(moves: TenantMoves, id: string): Promise<void> {
  for (;;) {
    try {
      await moves.run(id);
      return;
    } catch (error) {
      if (!isInHand(error)) throw error;
      await sleep(LOOK_MS);
    }
  }
}

const placeOf = ({ isolation, server, database, schema }: MovePlace) => ({ isolation, server, database, schema });

function tell({ out }: Session, { code }: FoundTenant, move: MoveRecord) {
  const { id, status, from, to, rowsTotal, rowsCopied, rowsCaughtUp, pauseMs, error } = move;
  const way = `${code}: ${from.isolation} → ${to.isolation}`;
  if (status === 'done')
    out.line(
      `✓ ${way}, ${String(rowsCopied)} rows and ${String(rowsCaughtUp)} changes; nobody could write for ${String(pauseMs ?? 0)} ms.`,
    );
  else out.line(`${OVER.includes(status) ? '✗' : '•'} ${way} is ${status}${error === null ? '' : `: ${error}`}`);
  return {
    ok: status !== 'failed',
    ...{ id, tenant_code: code, status, from: placeOf(from), to: placeOf(to) },
    ...{ rows_total: rowsTotal, rows_copied: rowsCopied, rows_caught_up: rowsCaughtUp, pause_ms: pauseMs, error },
  };
}
