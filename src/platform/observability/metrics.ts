import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { RequestFigures } from './request-figures.js';

/** One figure, or one for each set of labels. */
export type Figures = number | readonly { labels: Record<string, string>; value: number }[];

/** The figures of one application, as Prometheus reads them: of its requests, of Node, and what others register. */
@Injectable()
export class Metrics {
  readonly requests = new RequestFigures();
  private readonly registry = new Registry();

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** A figure that goes up and down, read when Prometheus asks; name it `tenantry_…`. */
  gauge(name: string, help: string, read: () => Figures | Promise<Figures>, labelNames: readonly string[] = []): void {
    new Gauge({
      ...{ name, help, labelNames, registers: [this.registry] },
      async collect() {
        this.reset();
        for (const { labels, value } of listOf(await read())) this.set(labels, value);
      },
    });
  }

  /** A count that only grows and that somebody else keeps; name it `tenantry_…_total`. */
  counter(
    name: string,
    help: string,
    read: () => Figures | Promise<Figures>,
    labelNames: readonly string[] = [],
  ): void {
    new Counter({
      ...{ name, help, labelNames, registers: [this.registry] },
      async collect() {
        this.reset();
        for (const { labels, value } of listOf(await read())) this.inc(labels, value);
      },
    });
  }

  /** The text of `GET /metrics`. */
  async text(): Promise<string> {
    return `${this.requests.text()}\n${await this.registry.metrics()}`;
  }

  get contentType(): string {
    return this.registry.contentType;
  }
}

const listOf = (figures: Figures) => (typeof figures === 'number' ? [{ labels: {}, value: figures }] : figures);
