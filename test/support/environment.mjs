import { TestEnvironment } from 'jest-environment-node';

/**
 * Node, and `importOnce`: imports past jest's sandbox, by a specifier as seen from this folder. A module is evaluated once
 * for all spec files of a worker: the application is thousands of modules, and in the sandbox each file would load them
 * anew. What is imported so keeps its state from file to file, and its classes are others than the sandbox's.
 */
export default class Environment extends TestEnvironment {
  async setup() {
    await super.setup();
    this.global.importOnce = (specifier) => import(specifier);
  }
}
