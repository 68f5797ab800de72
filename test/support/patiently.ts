import { setTimeout as sleep } from 'node:timers/promises';

/** `npm run test:placements:moving`: the demo tenants are moved for as long as there is a node. */
export const IS_MOVING = process.env['PLACEMENT'] === 'moving';
/** What a mover calls its connections: what they write is no request's doing. */
export const MOVERS_NAME = 'tenantry move';

/** How often requests were repeated because their tenant was being moved. */
export const patience = { repeated: 0 };
/** Times that a request is repeated. */
const MOST = 20;

/**
 * Sends again what was answered 503 `tenant_moving`, when that says so: nothing has run (api.md, "Errors"). Every client does,
 * where tenants are moved all the time.
 */
export async function patiently<Answer extends { status: number } | undefined>(
  send: () => Promise<Answer>,
  retryAfter: (answer: Answer) => string | null | undefined,
): Promise<Answer> {
  for (let times = 1; ; times++) {
    const answer = await send();
    const seconds = IS_MOVING && answer?.status === 503 ? retryAfter(answer) : undefined;
    if (seconds === undefined || seconds === null || times === MOST) return answer;
    patience.repeated++;
    await sleep(Number(seconds) * 1_000);
  }
}
