// Preloaded into the product's own program: kinds of jobs that its features do not have.
import { setTimeout as sleep } from 'node:timers/promises';
import { Jobs } from '../../../dist/src/platform/jobs/index.js';

Jobs.prototype.onModuleInit = function () {
  this.handle('test.takes', async ({ ms, note }, { signal, organizationId, attempt }) => {
    await sleep(ms, undefined, { signal });
    process.stdout.write(`done ${note} of ${organizationId} at attempt ${attempt}\n`);
  });
};
