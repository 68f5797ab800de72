import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import type { Answer, Client } from '../support/client.js';
import { tenantOf } from '../support/tenants.js';

interface Lead {
  id: string;
  name: string;
  version: number;
  status: string;
  [field: string]: unknown;
}
interface Page {
  items: Lead[];
  next_cursor: string | null;
  total: number | null;
}

describe('the resource controller', () => {
  let app: TestApp;
  let admin: Client;
  beforeAll(async () => {
    app = await startApp();
    admin = await app.signIn('admin@testcorp.com');
  });
  afterAll(() => app.close());

  const everywhere = <Row = Record<string, unknown>>(text: string, values?: unknown[]) =>
    app.database.everywhere<Row>(text, values);
  const list = async (query: string): Promise<Page> => {
    const { status, body, text } = await admin.get(`/crm/leads?${query}`);
    if (status !== 200) throw new Error(`${query}: ${String(status)} ${text}`);
    return body as Page;
  };
  const create = async (body: object): Promise<Lead> => {
    const answer = await admin.post('/crm/leads', body);
    if (answer.status !== 201) throw new Error(answer.text);
    return answer.body as Lead;
  };
  const refused = (answer: Answer, status: number, code: string, path?: string) => {
    expect(answer).toMatchObject({ status, body: { code } });
    if (path !== undefined)
      expect((answer.body as { errors: { path: string }[] }).errors.map((error) => error.path)).toContain(path);
  };

  describe('lists', () => {
    it('page by cursor through everything once, while rows come and go', async () => {
      const all = (await list('limit=500')).items.map(({ id }) => id);
      const seen: string[] = [];
      for (let cursor = ''; ;) {
        const page = await list(`limit=7${cursor}`);
        seen.push(...page.items.map(({ id }) => id));
        if (seen.length === 7) await create({ name: 'Came in between' });
        if (page.next_cursor === null) break;
        cursor = `&cursor=${page.next_cursor}`;
      }
      expect(seen).toEqual(all);
    });

    it('page by cursor over a sort column with nulls, in both directions', async () => {
      await create({ name: 'Worth nothing known' });
      for (const sort of ['estimated_value', '-estimated_value', '-estimated_value,-name']) {
        const all = (await list(`limit=500&sort=${sort}`)).items.map(({ id }) => id);
        const seen: string[] = [];
        for (let cursor = ''; ;) {
          const page = await list(`limit=9&sort=${sort}${cursor}`);
          seen.push(...page.items.map(({ id }) => id));
          if (page.next_cursor === null) break;
          cursor = `&cursor=${page.next_cursor}`;
        }
        expect(seen).toEqual(all);
      }
    });

    it('count only when asked, also beyond the end', async () => {
      expect((await list('limit=1')).total).toBeNull();
      const { total, items } = await list('limit=1&skip=100000&with_total=true');
      const [{ count } = { count: '0' }] = await everywhere<{ count: string }>(
        'select count(*) from crm_leads where organization_id = $1 and deleted_at is null having count(*) > 0',
        [(await tenantOf(app.database, 'testcorp')).id],
      );
      expect({ total, items }).toEqual({ total: Number(count), items: [] });
    });

    it('filter by value, by any of several, by null, by range, by tag and by text', async () => {
      await create({ name: 'Findable One', source: 'fair', estimated_value: '10.00', tags: ['vip'] });
      await create({ name: 'Findable 100%_\\Two', source: 'web', estimated_value: '99999999.99' });
      const names = async (query: string) =>
        (await list(`sort=name&q=findable&${query}`)).items.map(({ name }) => name);
      expect(await names('')).toHaveLength(2);
      expect(await names('source=fair')).toEqual(['Findable One']);
      expect(await names('source=fair,web')).toHaveLength(2);
      expect(await names('company=null')).toHaveLength(2);
      expect(await names('estimated_value_gte=11')).toEqual(['Findable 100%_\\Two']);
      expect(await names('estimated_value_lt=11')).toEqual(['Findable One']);
      expect(await names('tags=vip')).toEqual(['Findable One']);
      expect(await names(`created_at_gte=2999-01-01T00:00:00Z`)).toEqual([]);
      expect((await list(`q=${encodeURIComponent('100%_\\')}`)).items).toHaveLength(1);
      expect((await list('q=FINDABLE')).items).toHaveLength(2);
    });

    it.each([
      'nonsense=1',
      'limit=0',
      'limit=501',
      'limit=x',
      'skip=-1',
      'sort=password',
      'sort=name;drop table crm_leads',
      'q=x',
      'status=happy',
      'owner_id=me',
      'created_at_gte=yesterday',
      'estimated_value_lt=1e9999',
      'status=new&status=lost',
      'cursor=rubbish',
      'with_total=maybe',
      'name_gte=a',
    ])('refuse ?%s with 422 at the parameter', async (query) => {
      const answer = await admin.get(`/crm/leads?${query}`);
      refused(answer, 422, 'validation_failed', query.split('=')[0]);
    });

    it('bind a cursor to its sort and filters, and not to skip', async () => {
      const { next_cursor } = await list('limit=2&status=new');
      const at = (query: string) => admin.get(`/crm/leads?limit=2&cursor=${next_cursor ?? ''}${query}`);
      expect((await at('&status=new')).status).toBe(200);
      for (const query of ['', '&status=lost', '&status=new&sort=name', '&status=new&skip=1'])
        expect((await at(query)).status).toBe(422);
    });
  });

  describe('writes', () => {
    it('answer 201 with the row, its Location and its ETag, and give it back the same', async () => {
      const metadata = { nested: [{ deep: true }, null, 1.5, 'ünïcode 🚀'] };
      const sent = {
        name: '  Spaces stay  ',
        company: 'A "quoted", Ltd',
        estimated_value: '12.5',
        tags: ['a', 'b'],
        metadata,
      };
      const answer = await admin.post('/crm/leads', sent);
      const lead = answer.body as Lead;
      expect(answer.status).toBe(201);
      expect(answer.headers.get('location')).toBe(`/api/v1/crm/leads/${lead.id}`);
      expect(answer.headers.get('etag')).toBe('"1"');
      expect(lead).toMatchObject({
        ...sent,
        estimated_value: '12.50',
        status: 'new',
        currency: 'USD',
        is_active: true,
      });
      expect((await admin.get(`/crm/leads/${lead.id}`)).body).toEqual(lead);
    });

    it.each([
      [{ name: 'x', unknown: 1 }, 'unknown'],
      [{ name: 'x', version: 7 }, 'version'],
      [{ name: 'x', organization_id: '0198a8a2-0000-7000-8000-000000000000' }, 'organization_id'],
      [{ name: 'x', status: 'qualified' }, 'status'],
      [{ name: '' }, 'name'],
      [{ name: '   ' }, 'name'],
      [{ name: 'x'.repeat(201) }, 'name'],
      [{ name: 7 }, 'name'],
      [{}, 'name'],
      [{ name: 'x', email: 'nobody' }, 'email'],
      [{ name: 'x', estimated_value: 12.5 }, 'estimated_value'],
      [{ name: 'x', estimated_value: '12.555' }, 'estimated_value'],
      [{ name: 'x', estimated_value: '99999999999999999' }, 'estimated_value'],
      [{ name: 'x', tags: 'a' }, 'tags'],
      [{ name: 'x', metadata: [] }, 'metadata'],
    ])('refuse %j and store nothing', async (body, path) => {
      const before = (await everywhere('select from crm_leads')).length;
      refused(await admin.post('/crm/leads', body), 422, 'validation_failed', path);
      expect(await everywhere('select from crm_leads')).toHaveLength(before);
    });

    it('patch what is given: absent leaves, null clears, nothing changes nothing', async () => {
      const lead = await create({ name: 'Patched', company: 'Before', phone: '+1 202 555 0199' });
      const path = `/crm/leads/${lead.id}`;
      expect((await admin.patch(path, { company: null, source: 'fair' })).body).toMatchObject({
        company: null,
        source: 'fair',
        phone: '+1 202 555 0199',
        version: 2,
      });
      const same = await admin.patch(path, {});
      expect(same).toMatchObject({ status: 200, body: { version: 2 } });
      refused(await admin.patch(path, { name: null }), 422, 'validation_failed', 'name');
      const entries = await everywhere(`select action from audit_log where resource_id = $1 order by at, id`, [
        lead.id,
      ]);
      expect(entries).toEqual([{ action: 'create' }, { action: 'update' }]);
    });

    it('walk a status along its machine alone', async () => {
      const { id } = await create({ name: 'Walker' });
      const to = (status: string) => admin.patch(`/crm/leads/${id}`, { status });
      refused(await to('qualified'), 422, 'validation_failed', 'status');
      for (const status of ['contacted', 'qualified', 'lost', 'new', 'contacted'])
        expect((await to(status)).status).toBe(200);
      refused(await to('converted'), 422, 'validation_failed', 'status');
    });

    it('honour If-Match and If-None-Match', async () => {
      const { id } = await create({ name: 'Versioned' });
      const path = `/crm/leads/${id}`;
      const patch = (match: string) => admin.patch(path, { company: match }, { 'if-match': match });
      expect((await patch('"1"')).headers.get('etag')).toBe('"2"');
      refused(await patch('"1"'), 412, 'stale');
      expect((await patch('*')).status).toBe(200);
      expect((await admin.get(path, { 'if-none-match': '"3"' })).status).toBe(304);
      expect((await admin.get(path, { 'if-none-match': '"2"' })).status).toBe(200);
      refused(await admin.delete(path, { 'if-match': '"1"' }), 412, 'stale');
      expect((await admin.get(path)).status).toBe(200);
    });

    it('lose no update of twenty at once that name the version', async () => {
      const { id } = await create({ name: 'Counted' });
      const increment = async (): Promise<void> => {
        for (;;) {
          const { body, headers } = await admin.get(`/crm/leads/${id}`);
          const count = ((body as { metadata: { n?: number } }).metadata.n ?? 0) + 1;
          const answer = await admin.patch(
            `/crm/leads/${id}`,
            { metadata: { n: count } },
            { 'if-match': headers.get('etag') ?? '' },
          );
          if (answer.status === 200) return;
          expect([409, 412]).toContain(answer.status);
        }
      };
      await Promise.all(Array.from({ length: 20 }, increment));
      expect((await admin.get(`/crm/leads/${id}`)).body).toMatchObject({ metadata: { n: 20 }, version: 21 });
    });

    it('delete softly, bring back, and delete for good', async () => {
      const { id } = await create({ name: 'Mortal' });
      const path = `/crm/leads/${id}`;
      expect((await admin.delete(path)).status).toBe(204);
      expect((await admin.get(path)).status).toBe(404);
      expect((await admin.delete(path)).status).toBe(404);
      expect((await list(`is_deleted=true&q=Mortal`)).items.map((lead) => lead.id)).toEqual([id]);
      expect(await admin.post(`${path}/restore`)).toMatchObject({ status: 200, body: { id, is_deleted: false } });
      expect((await admin.delete(`${path}?hard=true`)).status).toBe(204);
      expect(await everywhere('select from crm_leads where id = $1', [id])).toEqual([]);
      const actions = await everywhere<{ action: string }>(
        `select action from audit_log where resource_id = $1 order by at, id`,
        [id],
      );
      expect(actions.map(({ action }) => action)).toHaveLength(4);
      const executive = await app.signIn('executive@testcorp.com');
      const own = (await executive.post('/crm/leads', { name: 'Not to be purged' })).body as Lead;
      expect((await executive.delete(`/crm/leads/${own.id}?hard=true`)).status).toBe(403);
    });
  });

  describe('idempotency keys', () => {
    const post = (key: string, body: object, who: Client = admin) =>
      who.post('/crm/leads', body, { 'idempotency-key': key });

    it('replay the answer, byte for byte, and make one row', async () => {
      const first = await post('replay', { name: 'Once', estimated_value: '1.10', metadata: { a: [1, 'x'] } });
      const again = await post('replay', { metadata: { a: [1, 'x'] }, estimated_value: '1.10', name: 'Once' });
      expect(again.status).toBe(201);
      expect(again.text).toBe(first.text);
      expect(again.headers.get('idempotency-replayed')).toBe('true');
      for (const header of ['etag', 'location']) expect(again.headers.get(header)).toBe(first.headers.get(header));
      expect((await list('q=Once')).items).toHaveLength(1);
    });

    it('refuse another body, and are another for another caller, tenant or path', async () => {
      await post('shared key', { name: 'Mine' });
      refused(await post('shared key', { name: 'Other' }), 422, 'idempotency_key_reused');
      const others = [await app.signIn('manager@testcorp.com'), await app.signIn('admin@globex.com')];
      for (const other of others) {
        const answer = await post('shared key', { name: 'Mine' }, other);
        expect(answer.status).toBe(201);
        expect(answer.headers.get('idempotency-replayed')).toBeNull();
      }
      refused(await post('x'.repeat(256), { name: 'Long' }), 422, 'validation_failed');
    });

    it('make one row of ten requests at once', async () => {
      const answers = await Promise.all(Array.from({ length: 10 }, () => post('race', { name: 'Raced' })));
      for (const { status } of answers) expect([201, 409]).toContain(status);
      expect(
        answers.filter(({ status, headers }) => status === 201 && headers.get('idempotency-replayed') === null),
      ).toHaveLength(1);
      expect((await list('q=Raced')).items).toHaveLength(1);
    });

    it('cover bulk writes too', async () => {
      const bulk = () =>
        admin.post(
          '/crm/leads/bulk',
          { items: [{ name: 'Bulk key A' }, { name: 'Bulk key B' }] },
          { 'idempotency-key': 'bulk' },
        );
      const first = await bulk();
      expect(first.status).toBe(200);
      expect((await bulk()).text).toBe(first.text);
      expect((await list('q=Bulk key')).items).toHaveLength(2);
    });
  });

  describe('bulk writes', () => {
    it('do all or nothing, in order, each with its audit entry', async () => {
      const [one, two] = [await create({ name: 'Bulk one' }), await create({ name: 'Bulk two' })];
      const { status, body } = await admin.post('/crm/leads/bulk', {
        items: [
          { name: 'Bulk new' },
          { op: 'update', id: one.id, version: 1, company: 'Changed' },
          { op: 'delete', id: two.id },
        ],
      });
      expect(status).toBe(200);
      expect((body as Page).items.map(({ name }) => name)).toEqual(['Bulk new', 'Bulk one', 'Bulk two']);
      const actions = await everywhere<{ action: string }>(
        `select action from audit_log where resource_id = any($1) order by at, id`,
        [[one.id, two.id]],
      );
      expect(actions.map(({ action }) => action).sort()).toEqual(['create', 'create', 'delete', 'update']);
    });

    it('tell every fault at its item, and store none', async () => {
      const before = (await everywhere('select from crm_leads')).length;
      const newId = '0198a8a2-0000-7000-8000-000000000000';
      const answer = await admin.post('/crm/leads/bulk', {
        items: [{ name: 'Good' }, { name: '' }, { op: 'update', id: newId, status: 'happy' }],
      });
      refused(answer, 422, 'validation_failed', 'items.1.name');
      refused(answer, 422, 'validation_failed', 'items.2.status');
      const flown = await admin.post('/crm/leads/bulk', { items: [{ name: 'Good' }, { op: 'fly', name: 'y' }] });
      refused(flown, 422, 'validation_failed', 'items.1.op');
      expect(await everywhere('select from crm_leads')).toHaveLength(before);
      const stale = await create({ name: 'Stale' });
      expect(
        (
          await admin.post('/crm/leads/bulk', {
            items: [{ name: 'Good' }, { op: 'update', id: stale.id, version: 9, name: 'z' }],
          })
        ).status,
      ).toBe(412);
      expect((await list('q=Good')).items).toEqual([]);
      for (const items of [[], Array.from({ length: 501 }, () => ({ name: 'x' })), 'all'])
        expect((await admin.post('/crm/leads/bulk', { items })).status).toBe(422);
    });

    it('ask the permission of each op', async () => {
      const executive = await app.signIn('executive@testcorp.com');
      const own = (await executive.post('/crm/leads', { name: 'Executive’s own' })).body as Lead;
      refused(
        await executive.post('/crm/leads/bulk', { items: [{ op: 'delete', id: own.id }] }),
        403,
        'permission_denied',
      );
      expect((await executive.get(`/crm/leads/${own.id}`)).status).toBe(200);
    });
  });

  it('exports CSV with a guard against formulas, quoted and whole', async () => {
    await create({ name: '=HYPERLINK("x")', company: 'Comma, "quote"\nline' });
    const answer = await admin.get('/crm/leads.csv?q=HYPERLINK');
    expect(answer.headers.get('content-type')).toContain('text/csv');
    expect(answer.text).toContain(`"'=HYPERLINK(""x"")"`);
    expect(answer.text).toContain('"Comma, ""quote""\nline"');
    expect((await admin.get('/crm/leads.csv?nonsense=1')).status).toBe(422);
  });

  it('tells of an unknown path, another method, another type, a large and a broken body', async () => {
    refused(await admin.get('/crm/nothing'), 404, 'not_found');
    const put = await admin.send('PUT', '/crm/leads', { name: 'x' });
    refused(put, 405, 'method_not_allowed');
    expect(put.headers.get('allow')).toContain('POST');
    refused(await admin.post('/crm/leads', 'name=x', { 'content-type': 'text/plain' }), 415, 'unsupported_media_type');
    refused(await admin.post('/crm/leads', '{"name":'), 400, 'malformed_json');
    refused(await admin.post('/crm/leads', { name: 'x', metadata: { big: 'x'.repeat(1_100_000) } }), 413, 'too_large');
    const free = (metadata: unknown) => admin.post('/crm/leads', { name: 'x', metadata });
    refused(await free({ big: 'x'.repeat(70_000) }), 422, 'validation_failed', 'metadata');
    // 45 kB as they are sent, two million digits as they are written out
    refused(await free({ big: Array(7_000).fill(1e300) }), 422, 'validation_failed', 'metadata');
    expect((await free({ big: 'x'.repeat(60_000), small: [1e300, 1e-300] })).status).toBe(201);
    refused(await admin.post('/crm/leads', '['.repeat(50_000)), 400, 'malformed_json');
    refused(
      await admin.post('/crm/leads', `{"name":"x","metadata":${'{"a":'.repeat(40)}1${'}'.repeat(40)}}`),
      422,
      'validation_failed',
    );
    refused(await admin.post('/crm/leads', '{"name":"nul \\u0000"}'), 422, 'validation_failed');
    refused(await admin.post('/crm/leads', '{"name":"lone \\ud800"}'), 422, 'validation_failed');
    refused(await admin.get('/crm/leads/not-a-uuid'), 422, 'validation_failed', 'lead_id');
  });
});
