import { expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Mailer } from './mailer.js';

it('a mail is a line of the log, whole', () => {
  const log = jest.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);
  new Mailer().send({ to: 'ada@acme.com', subject: 'Hello', text: 'a token\n', organizationId: 'o' });
  expect(log.mock.calls).toEqual([
    [{ message: 'mail', tenant: 'o', to: 'ada@acme.com', subject: 'Hello', text: 'a token\n' }],
  ]);
  log.mockRestore();
});
