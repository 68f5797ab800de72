import type { FastifyReply, FastifyRequest } from 'fastify';
import { pathOf } from '../../http/index.js';

/** Answers a link: 201 with its place for a new one, 200 for one that stands already (api.md, "Writes"). */
export function sendLink<Row>(
  { url }: Pick<FastifyRequest, 'url'>,
  reply: FastifyReply,
  { row, isNew }: { readonly row: Row; readonly isNew: boolean },
  id: string,
): Row {
  void reply.code(isNew ? 201 : 200);
  if (isNew) void reply.header('location', `${pathOf(url)}/${id.toLowerCase()}`);
  return row;
}
