import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { filled, readHttpFile } from '../support/http-file.js';

const FILE = new URL('../../docs/requests/control-plane.http', import.meta.url);

describe('the requests of docs/requests', () => {
  const { variables, requests } = readHttpFile(readFileSync(FILE, 'utf8'));
  const answers = new Map<string, unknown>();
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.close());

  it('are some', () => {
    expect(requests.length).toBeGreaterThan(25);
  });

  it.each(requests.map((request, at) => [`${String(at + 1)} ${request.title}`, request] as const))(
    '%s',
    async (_, { body, expected, headers, method, name, url }) => {
      const known = { ...variables, host: app.url };
      const put = (text: string): string => filled(text, known, answers);
      const answer = await fetch(put(url), {
        method,
        headers: Object.fromEntries(Object.entries(headers).map(([header, value]) => [header, put(value)])),
        ...(body === undefined ? {} : { body: put(body) }),
      });
      const text = await answer.text();
      expect({ status: answer.status, text: answer.status === expected ? '' : text }).toEqual({
        status: expected,
        text: '',
      });
      if (name !== undefined) answers.set(name, JSON.parse(text));
    },
  );
});
