import { describe, it, expect } from '@jest/globals';
import { Controller, Get, Post, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { assertEveryRouteDeclaresAccess } from './boot-check.js';
import { Public, RequireAccess } from './decorators.js';

const boot = (...controllers: Type[]) => Test.createTestingModule({ controllers }).compile();

@Controller('crm/leads')
class Declared {
  @Get() @RequireAccess('crm.leads', 'read') list() {}
  helper() {}
}

@Controller('reports')
class Open {
  @Get('daily/') daily() {}
  @Post() @Public() create() {}
}

@Controller()
class Inherits extends Open {}

describe('assertEveryRouteDeclaresAccess', () => {
  it('lets an application pass whose routes all declare', async () => {
    const app = await boot(Declared);
    expect(() => assertEveryRouteDeclaresAccess(app)).not.toThrow();
  });

  it('names every handler without a declaration, its route, and what to add', async () => {
    const app = await boot(Declared, Open, Inherits);
    expect(() => assertEveryRouteDeclaresAccess(app)).toThrow(
      /^These routes do not declare who may call them:\n {2}Open\.daily \(GET \/reports\/daily\)\n {2}Inherits\.daily \(GET \/daily\)\nPut @RequireAccess/,
    );
  });
});
