/** Seconds. A warm read takes a few milliseconds, so the lower steps are narrow. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

interface Series {
  /** As Prometheus writes them, without the braces. */
  labels: string;
  count: number;
  /** Seconds. */
  sum: number;
  /** Not yet summed up; the last is for what took longer than every step. */
  buckets: number[];
}
type ByStatus = Map<number, Series>;

const DURATION = 'http_request_duration_seconds';
const TOTAL = 'http_requests_total';

/**
 * `http_requests_total` and `http_request_duration_seconds` by method, route and status. prom-client checks and joins
 * the labels at each observation, which was 5 µs of a request that takes 120: here that is done once a series.
 */
export class RequestFigures {
  private readonly routes = new Map<string, Map<string, ByStatus>>();

  /** `route` is the pattern, never the path: a series of its own for each id would fill the memory. */
  observe(method: string, route: string, status: number, seconds: number): void {
    const series = this.routes.get(route)?.get(method)?.get(status) ?? this.open(method, route, status);
    series.count++;
    series.sum += seconds;
    const step = BUCKETS.findIndex((bound) => seconds <= bound);
    const index = step === -1 ? BUCKETS.length : step;
    series.buckets[index] = (series.buckets[index] ?? 0) + 1;
  }

  /** In the text format of Prometheus, version 0.0.4. */
  text(): string {
    const all = [...this.routes.values()].flatMap((methods) => [...methods.values()].flatMap((by) => [...by.values()]));
    return [
      `# HELP ${TOTAL} Requests answered`,
      `# TYPE ${TOTAL} counter`,
      ...all.map(({ labels, count }) => `${TOTAL}{${labels}} ${String(count)}`),
      '',
      `# HELP ${DURATION} Seconds from the head of a request to the end of its answer`,
      `# TYPE ${DURATION} histogram`,
      ...all.flatMap(histogramOf),
      '',
    ].join('\n');
  }

  private open(method: string, route: string, status: number): Series {
    const labels = `method="${escaped(method)}",route="${escaped(route)}",status="${String(status)}"`;
    const series = { labels, count: 0, sum: 0, buckets: new Array<number>(BUCKETS.length + 1).fill(0) };
    const methods = this.routes.get(route) ?? new Map<string, ByStatus>();
    const byStatus = methods.get(method) ?? new Map<number, Series>();
    this.routes.set(route, methods.set(method, byStatus.set(status, series)));
    return series;
  }
}

function histogramOf({ labels, count, sum, buckets }: Series): string[] {
  let below = 0;
  const steps = BUCKETS.map((bound, i) => {
    below += buckets[i] ?? 0;
    return `${DURATION}_bucket{${labels},le="${String(bound)}"} ${String(below)}`;
  });
  return [
    ...steps,
    `${DURATION}_bucket{${labels},le="+Inf"} ${String(count)}`,
    `${DURATION}_sum{${labels}} ${String(sum)}`,
    `${DURATION}_count{${labels}} ${String(count)}`,
  ];
}

const escaped = (label: string): string =>
  label.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
