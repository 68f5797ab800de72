import { setTimeout as sleep } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Mail } from '../../src/platform/mail/index.js';
import { Afterwards, mail } from './dist.js';

const sent = new WeakMap<NestFastifyApplication, Mail[]>();
const PATIENCE_MS = 10_000;

/** Keeps what an application mails, instead of its log. Called by `startApp`. */
export function keepMails(app: NestFastifyApplication): void {
  const mails: Mail[] = [];
  sent.set(app, mails);
  app.get(mail.Mailer).send = (each) => void mails.push(each);
}

/**
 * The mails to an address, the oldest first. Some are sent behind an answer: it waits until there are so many, for 10
 * seconds at most.
 */
export async function mailsTo(app: NestFastifyApplication, address: string, count = 0): Promise<Mail[]> {
  const found = () => (sent.get(app) ?? []).filter(({ to }) => to === address);
  for (const until = Date.now() + PATIENCE_MS; found().length < count && Date.now() < until;) await sleep(10);
  return found();
}

/** Waits for what goes on behind the answers that were given until now. */
export const settled = (app: NestFastifyApplication): Promise<void> => app.get(Afterwards).beforeApplicationShutdown();

/** The token in a mail: the one line that is nothing else. */
export function tokenIn({ text }: Mail): string {
  const token = /^[\w-]{43}$/m.exec(text)?.[0];
  if (token === undefined) throw new Error(`there is no token in this mail: ${text}`);
  return token;
}
