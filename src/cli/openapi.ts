import { action, type Define, later } from './command.js';

export const openapi: Define = (program) => {
  program
    .command('openapi')
    .description('print the OpenAPI document of this version as JSON')
    .action(action(later(() => import('./openapi/run.js'))));
};
