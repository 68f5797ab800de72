import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { rowsOf } from '../support/oracles.js';
import { tenantOf } from '../support/tenants.js';

const PLACEMENT = process.env['PLACEMENT'] ?? 'shared';
const TENANTS = ['testcorp', 'acme', 'globex', 'initech', 'umbrella'];

/** That the other specs run where PLACEMENT says. */
describe(`every demo tenant, placed as ${PLACEMENT}`, () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.close());

  it('has its rows at its place alone, which is of this test alone', async () => {
    const places = await app.database.places();
    const used = new Set<string>();
    const look = async (code: string): Promise<void> => {
      const { id, placement } = await tenantOf(app.database, code);
      used.add(`${placement.database}.${placement.schema}`);
      expect(placement.database.startsWith(app.database.name)).toBe(true);
      const found = await Promise.all(
        places.map(async ({ database, schema, sql }) => {
          const rows = await sql('select from crm_leads where organization_id = $1', [id]);
          return { database, schema, isThere: rows.length > 0 };
        }),
      );
      expect(found.filter(({ isThere }) => isThere)).toMatchObject([
        { database: placement.database, schema: placement.schema },
      ]);
    };
    for (const code of TENANTS) await app.database.stillness.during(() => look(code));
    // where they are moved all the time, anywhere
    if (PLACEMENT === 'moving') return;
    expect(used.size).toBe(PLACEMENT === 'shared' ? 1 : TENANTS.length);
    expect(places).toHaveLength(PLACEMENT === 'shared' ? 1 : TENANTS.length + 1);
  });

  it('is found by the oracles there', async () => {
    const { id } = await tenantOf(app.database, 'globex');
    const before = await rowsOf(app.database, id);
    expect([...before.keys()].some((key) => key.startsWith('shared.crm_leads '))).toBe(true);
    await app.database.at('globex').sql(`update crm_leads set company = 'Changed' where organization_id = $1`, [id]);
    expect(await rowsOf(app.database, id)).not.toEqual(before);
  });
});
