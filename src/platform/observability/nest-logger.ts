import type { LoggerService } from '@nestjs/common';
import type { Level, Logger } from 'pino';

/** What Nest tells while it wires itself up: of use only to who looks for a fault there. */
const WIRING = new Set(['InstanceLoader', 'NestFactory', 'RouterExplorer', 'RoutesResolver', 'NestApplication']);

/** Nest's logger over ours: `app.useLogger(new NestLogger(log.logger))`. Objects become fields of the line, their `message` its text. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.write('info', message, rest);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }
  /** Nest gives the stack, where it has one, before the context. */
  error(message: unknown, ...rest: unknown[]): void {
    const stack = rest.length > 1 ? rest[0] : undefined;
    this.write('error', message, rest, typeof stack === 'string' ? { stack } : {});
  }

  private write(level: Level, message: unknown, rest: unknown[], fields: Record<string, unknown> = {}): void {
    const context = rest.at(-1);
    const at = typeof context === 'string' && WIRING.has(context) && level === 'info' ? 'debug' : level;
    if (!this.logger.isLevelEnabled(at)) return;
    const named = typeof context === 'string' ? { ...fields, context } : fields;
    if (isError(message)) this.logger[at]({ ...named, err: message }, message.message);
    else if (typeof message === 'object' && message !== null) this.writeFields(at, named, message);
    else this.logger[at](named, String(message));
  }

  private writeFields(level: Level, named: Record<string, unknown>, fields: object): void {
    const { message, ...others } = fields as Record<string, unknown>;
    this.logger[level]({ ...named, ...others }, typeof message === 'string' ? message : '');
  }
}

const isError = (value: unknown): value is Error =>
  typeof value === 'object' && value !== null && 'message' in value && 'stack' in value;
