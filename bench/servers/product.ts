import 'reflect-metadata';
import { AppModule } from '../../src/app.module.js';
import { AccessTokens } from '../../src/modules/auth/access-tokens.js';
import { answerParent, settings } from '../answer-parent.js';
import { startApplication } from './application.js';
import type { ProductQuestion, ProductSettings } from './questions.js';
import { UnitModule } from './unit.module.js';
import { usage } from './usage.js';

/** The product as it is, with one route more, which nobody but the bench has. */
const productAlone = AppModule.forRoot.bind(AppModule);
AppModule.forRoot = async (config, database) => {
  const product = await productAlone(config, database);
  return { ...product, imports: [...(product.imports ?? []), UnitModule] };
};

const { urls, servers } = settings as ProductSettings;
const app = await startApplication({ ...urls, servers: new Map(Object.entries(servers)) });
await app.listen(0, '127.0.0.1');

answerParent({ port: Number(new URL(await app.getUrl()).port) }, (question: ProductQuestion) => {
  if (question.ask === 'usage') return usage();
  const tokens = app.get(AccessTokens);
  return Promise.all(
    question.people.map(({ userId, organizationId, session }) => tokens.make(userId, organizationId, session)),
  );
});
