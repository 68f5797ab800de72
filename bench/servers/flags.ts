import { readFileSync } from 'node:fs';

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: { start: string } };

const words = scripts.start.split(' ');

/** What `npm start` tells Node. */
export const NODE_FLAGS: readonly string[] = words.slice(words.indexOf('node') + 1, words.indexOf('dist/src/main.js'));
