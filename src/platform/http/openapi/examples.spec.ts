import { describe, expect, it } from '@jest/globals';
import type { OpenAPIObject } from '@nestjs/swagger';
import { giveExamples } from './examples.js';

/** A document of one operation that takes and answers this. */
function documentOf(schema: object, schemas: object = {}) {
  const content = () => ({ 'application/json': { schema } as { schema: object; example?: unknown } });
  const [sent, answered] = [content(), content()];
  const post = { requestBody: { content: sent }, responses: { '201': { description: '', content: answered } } };
  const document = { openapi: '3.1.0', paths: { '/things': { post } }, components: { schemas } };
  giveExamples(document as unknown as OpenAPIObject);
  return { sent: sent['application/json'].example, answered: answered['application/json'].example };
}

describe('giveExamples', () => {
  it('puts a body together from the examples of its fields, and an answer from all of its fields', () => {
    const { sent, answered } = documentOf({
      type: 'object',
      required: ['name'],
      properties: {
        name: { type: 'string', example: 'Ada' },
        company: { type: ['string', 'null'], example: 'Engines' },
        phone: { type: ['string', 'null'] },
        owner_id: { type: 'string', format: 'uuid' },
        status: { type: 'string', enum: ['new', 'lost'] },
        version: { type: 'integer', minimum: 1 },
      },
    });
    expect(sent).toEqual({ name: 'Ada', company: 'Engines' });
    expect(answered).toEqual({
      name: 'Ada',
      company: 'Engines',
      phone: null,
      owner_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      status: 'new',
      version: 1,
    });
  });

  it('follows references, lists and parts, and stops where a schema meets itself', () => {
    const node = {
      type: 'object',
      properties: {
        name: { type: 'string', example: 'root' },
        children: { type: 'array', items: { $ref: '#/x/Node' } },
      },
    };
    const page = { type: 'object', properties: { items: { type: 'array', items: { $ref: '#/x/Node' } } } };
    expect(documentOf(page, { Node: node }).answered).toEqual({ items: [{ name: 'root', children: [] }] });
    const parts = {
      allOf: [{ type: 'object', properties: { id: { type: 'integer', example: 7 } } }, { $ref: '#/x/Node' }],
    };
    expect(documentOf(parts, { Node: node }).sent).toEqual({ id: 7, name: 'root' });
    expect(documentOf({ oneOf: [{ $ref: '#/x/Node' }, { type: 'null' }] }, { Node: node }).sent).toEqual({
      name: 'root',
    });
  });

  it('makes up a text only where one must be, and nothing where a pattern forbids guessing', () => {
    const schema = (required: string[], words: object = {}) => ({
      type: 'object',
      required,
      properties: { title: { type: 'string', ...words } },
    });
    expect(documentOf(schema(['title'])).sent).toEqual({ title: 'text' });
    expect(documentOf(schema(['title'], { pattern: '^\\d+$' })).sent).toEqual({});
    expect(documentOf(schema([])).answered).toEqual({});
    expect(documentOf({ type: 'string' }).answered).toBeUndefined();
  });
});
