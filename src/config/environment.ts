import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { errorCode } from './error-code.js';
import type { Env } from './reader.js';

function dotEnv(path: string): Env {
  try {
    return parseEnv(readFileSync(path, 'utf8'));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return {};
    throw error;
  }
}

/** The `.env` of the working directory, if there is one, under the real environment, which wins. */
export function environment(): Env {
  return { ...dotEnv('.env'), ...process.env };
}
