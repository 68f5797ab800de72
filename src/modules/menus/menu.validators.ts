import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { ValidateBy } from 'class-validator';
import { findModule, parsePermission } from '../../platform/access/index.js';
import { IsText } from '../../platform/resources/index.js';

const textThat = (name: string, holds: (text: string) => boolean, message: string): PropertyDecorator =>
  ValidateBy({
    name,
    validator: { validate: (value) => typeof value === 'string' && holds(value), defaultMessage: () => message },
  });

/** A path of one's own or an address on the web: browsers run what other schemes say, and read `\` and `//` as a host. */
const PATH = /^\/(?![/\\])[^\s\\]*$/u;
const WEB = /^https?:\/\/[^\s\\]+$/iu;
const isMenuUrl = (text: string): boolean => PATH.test(text) || (WEB.test(text) && URL.canParse(text));

/** `/dashboard`, or `https://example.com/help`. */
export const IsMenuUrl = (): PropertyDecorator =>
  applyDecorators(
    IsText(),
    textThat('isMenuUrl', isMenuUrl, 'must be a path like /dashboard, or an address of http or https'),
  );

/** A permission that there is, or a `custom_…` one. */
export const IsPermissionCode = (): PropertyDecorator =>
  applyDecorators(
    IsText(100),
    textThat('isPermission', (code) => parsePermission(code) !== undefined, 'must be a permission like board_read'),
  );

/** A module of the registry, without regard to case. */
export const IsModuleKey = (): PropertyDecorator =>
  applyDecorators(
    ApiProperty({ type: 'string', maxLength: 50 }),
    textThat('isModule', (key) => findModule(key) !== undefined, 'must be a module like boards'),
  );
