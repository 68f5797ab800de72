import { expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { type Mail, Mailer } from './mailer.js';

it('a mail is a line of the log, whole', () => {
  const log = jest.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);
  new Mailer().send({ to: 'ada@acme.com', subject: 'Hello', text: 'a token\n', organizationId: 'o' });
  expect(log.mock.calls).toEqual([
    [{ message: 'mail', tenant: 'o', to: 'ada@acme.com', subject: 'Hello', text: 'a token\n' }],
  ]);
  log.mockRestore();
});

it('is told to whoever wants to hear of it, and not to the log', () => {
  const log = jest.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);
  const told: Mail[] = [];
  const mailer = new Mailer();
  mailer.tell((mail) => told.push(mail));
  const mail = { to: 'ada@acme.com', subject: 'Hello', text: 'a token\n', token: 'a token', organizationId: null };
  mailer.send(mail);
  expect(told).toEqual([mail]);
  expect(log).not.toHaveBeenCalled();
  log.mockRestore();
});
