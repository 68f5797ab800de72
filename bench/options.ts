import { parseArgs } from 'node:util';
import { messageOf } from '../src/common/errors.js';

export interface Options {
  /** Prints one JSON object last. */
  readonly json: boolean;
  /** How many tenants the list is also measured with, in a database of their own. */
  readonly tenants: readonly number[];
  /** Measures what is asked of the control plane of a large tenant too, alone and among others. */
  readonly controlPlane: boolean;
  readonly rounds: number;
  /** Of each measurement. */
  readonly seconds: number;
}

const USAGE = `npm run bench -- [--json] [--quick] [--tenants 1000] [--control-plane]
  --json           prints one JSON object last
  --quick          two short rounds: to try it, not to quote it
  --tenants        measures the list with so many tenants too; may be given more than once
  --control-plane  measures menus and users of a tenant of 10,000 too, alone and among 1,000`;

const FULL = { rounds: 5, seconds: 3 };
const QUICK = { rounds: 2, seconds: 1 };

/** Arguments that cannot be followed; the message says which there are. */
export class UsageError extends Error {
  constructor(wrong: string) {
    super(`${wrong}\n${USAGE}`);
  }
}

/** @throws UsageError */
export function readOptions(args: string[]): Options {
  try {
    return parse(args);
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

function parse(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      tenants: { type: 'string', multiple: true, default: [] },
      'control-plane': { type: 'boolean', default: false },
    },
  });
  const tenants = values.tenants.map(Number);
  if (tenants.some((count) => !Number.isInteger(count) || count < 1))
    throw new TypeError('--tenants takes a number of tenants');
  return { json: values.json, tenants, controlPlane: values['control-plane'], ...(values.quick ? QUICK : FULL) };
}
