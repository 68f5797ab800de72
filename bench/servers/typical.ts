import 'reflect-metadata';
import {
  ClassSerializerInterceptor,
  Controller,
  Get,
  Headers,
  Inject,
  Module,
  Query,
  UseInterceptors,
  ValidationPipe,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { defineEntity, MikroORM, p } from '@mikro-orm/postgresql';
import { Type } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';
import { answerParent, settings } from '../answer-parent.js';
import type { PlainSettings } from './questions.js';
import { usage } from './usage.js';

/**
 * What is usually written: Nest on Express, entities by `em.find`, a ValidationPipe and a ClassSerializerInterceptor.
 * Neither token nor guard nor policy.
 */
const LeadSchema = defineEntity({
  name: 'Lead',
  schema: 'shared',
  tableName: 'crm_leads',
  properties: {
    organizationId: p.uuid().primary(),
    id: p.uuid().primary(),
    ownerId: p.uuid().nullable(),
    tags: p.json<string[]>(),
    metadata: p.json<Record<string, unknown>>(),
    version: p.integer().version(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
    createdBy: p.uuid().nullable(),
    updatedBy: p.uuid().nullable(),
    deletedAt: p.datetime(3).nullable(),
    name: p.string(),
    company: p.string().nullable(),
    email: p.string().nullable(),
    phone: p.string().nullable(),
    source: p.string().nullable(),
    status: p.string(),
    estimatedValue: p.decimal('string').precision(18).scale(2).nullable(),
    currency: p.character().length(3).nullable(),
  },
});
class Lead extends LeadSchema.class {}
LeadSchema.setClass(Lead);

class ListLeads {
  @IsInt()
  @Min(1)
  @Max(500)
  @Type(() => Number)
  limit = 100;
}

@Controller('crm/leads')
@UseInterceptors(ClassSerializerInterceptor)
class LeadsController {
  constructor(@Inject(MikroORM) private readonly orm: MikroORM) {}

  @Get()
  list(@Query() { limit }: ListLeads, @Headers('x-organization') organizationId: string): Promise<Lead[]> {
    const em = this.orm.em.fork();
    return em.find(Lead, { organizationId, deletedAt: null }, { orderBy: { createdAt: 'desc', id: 'desc' }, limit });
  }
}

const { url } = settings as PlainSettings;
const orm = {
  provide: MikroORM,
  useFactory: () => MikroORM.init({ clientUrl: url, entities: [Lead], pool: { min: 0, max: 8 } }),
};

@Module({ controllers: [LeadsController], providers: [orm] })
class TypicalModule {}

const app = await NestFactory.create<NestExpressApplication>(TypicalModule);
app.setGlobalPrefix('api/v1');
app.useGlobalPipes(new ValidationPipe({ transform: true, whitelist: true }));
await app.listen(0, '127.0.0.1');
answerParent({ port: Number(new URL(await app.getUrl()).port) }, usage);
