import { Explanations, type ExplainedAccess } from '../../modules/access/index.js';
import { PlatformUnit } from '../../platform/tenancy/platform.js';
import { findTenant, findUser } from '../lookup.js';
import type { Output } from '../output.js';
import type { Session } from '../session.js';

interface Options {
  readonly user: string;
  readonly tenant?: string;
  readonly access: string;
}

export async function run(session: Session, { user, tenant, access }: Options) {
  const services = await session.services();
  const platform = services.get(PlatformUnit);
  const organization = tenant === undefined ? null : await findTenant(platform, tenant);
  const userId = await findUser(platform, user, organization?.id ?? null);
  const explanation = await services.get(Explanations).explain(userId, organization?.id ?? null, access);
  print(session.out, `${user} in ${organization?.code ?? 'no tenant'}, ${access}`, explanation);
  return { ok: true, ...explanation };
}

function print(out: Output, asked: string, { layers, verdict }: ExplainedAccess): void {
  out.line(asked);
  for (const { layer, question, facts, answer } of layers) {
    out.line(`${answer.passed ? '✓' : '✗'} ${layer}: ${question}`);
    for (const [fact, value] of Object.entries(facts)) out.line(`    ${fact}: ${JSON.stringify(value)}`);
    if (answer.because !== undefined) out.line(`    ${answer.because}`);
    if (!answer.passed) out.line(`    ${refusalOf(answer)}`);
  }
  out.line(verdict.passed ? 'Allowed.' : `Refused by the layer ${verdict.layer ?? '?'}: ${refusalOf(verdict)}`);
}

const refusalOf = ({ status, code, reason, required }: ExplainedAccess['verdict']): string =>
  [status, code, reason, required && `needs ${required}`].filter(Boolean).join(' · ');
