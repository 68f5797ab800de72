import type { INestApplicationContext } from '@nestjs/common';
import { type Config, loadConfig } from '../config/index.js';
import type { DatabaseUrls, OpenDatabase } from '../platform/database/index.js';
import { CliError, EXIT } from './exit.js';
import { Output } from './output.js';

/** What one run of a command opens, each when it is asked for, closed in reverse at its end. */
export class Session {
  private opened: Promise<OpenDatabase> | undefined;
  private loaded: Config | undefined;
  private readonly closing: (() => Promise<unknown>)[] = [];
  private readonly interruption = new AbortController();

  constructor(readonly out: Output) {}

  /** The configuration, with the application's log off: a command's lines are its log. Throws ConfigError. */
  config(): Config {
    // the log goes to the standard output, where a document stands alone
    const logLevel = this.out.verbose && !this.out.json ? 'warn' : 'silent';
    this.loaded ??= { ...loadConfig(), logLevel, logFile: undefined };
    return this.loaded;
  }

  database(): Promise<OpenDatabase> {
    this.opened ??= this.open();
    return this.opened;
  }

  /** The connection strings with the owner's login among them, which not every node has. */
  async ownerUrls(): Promise<DatabaseUrls & { readonly owner: string }> {
    const { urls } = await this.database();
    const { owner } = urls;
    if (owner !== undefined) return { ...urls, owner };
    throw new CliError(
      EXIT.configuration,
      'This command works as the owner of the tables, and DATABASE_URL is not set.',
      'Set DATABASE_URL to the owner’s login (docs/operations.md, "Logins").',
    );
  }

  /** The application without its HTTP side, for commands that work through its services; migrated first, as at a start. */
  async services(): Promise<INestApplicationContext> {
    // only here: most commands need no Nest, and loading it takes longer than they do
    const { NestFactory } = await import('@nestjs/core');
    const { AppModule } = await import('../app.module.js');
    const { migrateAtStart } = await import('../platform/database/index.js');
    const database = await this.database();
    await migrateAtStart(this.config(), database, ({ schema, name }) => {
      this.out.line(`✓ applied  ${schema}: ${name}`);
    });
    const module = await AppModule.forRoot(this.config(), database);
    const context = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
    return this.defer(context, () => context.close());
  }

  /** Has `close` called at the end, before everything that was opened earlier is closed. */
  defer<T>(opened: T, close: () => Promise<unknown>): T {
    this.closing.push(close);
    return opened;
  }

  /** That the work is to stop: whoever heeds it has its end waited for by `defer`. */
  get signal(): AbortSignal {
    return this.interruption.signal;
  }

  interrupt(): Promise<void> {
    this.interruption.abort(new Error('interrupted'));
    return this.close();
  }

  async close(): Promise<void> {
    for (const close of this.closing.splice(0).reverse()) await close();
  }

  private async open(): Promise<OpenDatabase> {
    const config = this.config();
    // only here: neither --help nor a wrong configuration needs a database
    const { openDatabase } = await import('../platform/database/index.js');
    const database = await openDatabase(config, (line) => {
      if (this.out.verbose) this.out.error(line);
    });
    return this.defer(database, () => database.close());
  }
}
