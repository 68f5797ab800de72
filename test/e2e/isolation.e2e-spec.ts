import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import type { Client } from '../support/client.js';
import { tenantOf } from '../support/tenants.js';

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
    const tenants = await Promise.all(TENANTS.map((code) => tenantOf(app.database, code)));
    for (const { code, id } of tenants) {
      await app.database
        .at(id)
        .sql(`update crm_leads set metadata = jsonb_build_object('canary', $1::text) where organization_id = $2`, [
          `canary-${code}`,
          id,
        ]);
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
    for (const { code, id } of tenants) {
      const mixed = `select from crm_leads where (metadata->>'canary' = $1) <> (organization_id = $2)`;
      expect(await app.database.everywhere(mixed, [`canary-${code}`, id])).toEqual([]);
    }
  });
});
