// Loads the catalogue together with what makes it: a feature's variant finds the title of its code.
export * from './problem-catalogue.js';
export * from './problems.js';
