import { answerParent } from '../answer-parent.js';
import { Connection } from './connection.js';
import { bytesOf, type LoadRequest } from './request.js';

export interface Load {
  readonly port: number;
  readonly requests: readonly LoadRequest[];
  readonly connections: number;
  readonly seconds: number;
}

export interface LoadResult {
  readonly answers: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Answers by a status that is none of 2xx. */
  readonly refused: Readonly<Record<string, number>>;
  /** Microseconds of CPU that the load itself took, for each request. */
  readonly cpu: number;
}

async function run({ port, requests, connections, seconds }: Load): Promise<LoadResult> {
  const bytes = requests.map((request) => bytesOf(request, `127.0.0.1:${String(port)}`));
  const times: number[] = [];
  const refused: Record<string, number> = {};
  const onAnswer = (status: number, ms: number): void => {
    times.push(ms);
    if (status < 200 || status > 299) refused[status] = (refused[status] ?? 0) + 1;
  };
  const cpu = process.cpuUsage();
  const start = performance.now();
  const goesOn = (): boolean => performance.now() - start < seconds * 1000;
  // each begins elsewhere, so that no two ask for the same at the same time
  const first = (number: number): number => Math.floor((number * bytes.length) / connections);
  await Promise.all(
    Array.from({ length: connections }, (_, number) =>
      new Connection(bytes, first(number), onAnswer).run(port, goesOn),
    ),
  );
  const took = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.floor(times.length * share)] ?? 0;
  const answers = times.length;
  return {
    answers,
    perSecond: (answers / took) * 1000,
    p50: at(0.5),
    p99: at(0.99),
    refused,
    cpu: (user + system) / answers,
  };
}

answerParent({}, run);
