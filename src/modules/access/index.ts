export { AccessFactsModule } from './access.module.js';
export { Explanations, type ExplainedAccess } from './explanations.js';
