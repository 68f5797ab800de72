import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import type { Client } from '../support/client.js';

const REQUESTS = 400;
const TENANTS = ['testcorp', 'globex'] as const;

describe('two tenants at once', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.close());

  it(`never see a row of one another in ${String(REQUESTS)} concurrent reads and writes`, async () => {
    const clients = await Promise.all(TENANTS.map((code) => app.signIn(`admin@${code}.com`)));
    // a word that stands in every row of a tenant, and so must not be in any answer to the other
    for (const code of TENANTS) {
      await app.database.sql(
        `update shared.crm_leads l set metadata = jsonb_build_object('canary', $1::text) from core.organizations o where o.id = l.organization_id and o.tenant_code = $2`,
        [`canary-${code}`, code],
      );
    }
    const work = async (client: Client, code: string, n: number): Promise<string> => {
      if (n % 4 === 0)
        return (await client.post('/crm/leads', { name: `Lead ${String(n)}`, metadata: { canary: `canary-${code}` } }))
          .text;
      if (n % 4 === 1) return (await client.get('/crm/leads?limit=50&with_total=true')).text;
      if (n % 4 === 2) return (await client.get('/crm/leads.csv')).text;
      const { body } = await client.get('/crm/leads?limit=1');
      const id = (body as { items: { id: string }[] }).items[0]?.id ?? '';
      return (await client.patch(`/crm/leads/${id}`, { source: `write ${String(n)}` })).text;
    };
    const answers = await Promise.all(
      Array.from({ length: REQUESTS }, (_, n) => {
        const which = n % 2;
        const code = TENANTS[which] ?? '';
        return work(clients[which] as Client, code, Math.floor(n / 2)).then((text) => ({ code, text }));
      }),
    );
    for (const { code, text } of answers) {
      expect(text).toContain(`canary-${code}`);
      for (const other of TENANTS) if (other !== code) expect(text).not.toContain(`canary-${other}`);
    }
    const mixed = await app.database.sql(
      `select from shared.crm_leads l join core.organizations o on o.id = l.organization_id where metadata->>'canary' <> 'canary-' || o.tenant_code`,
    );
    expect(mixed).toEqual([]);
  });
});
