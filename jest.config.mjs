const project = (name, testMatch, extra = {}) => ({
  displayName: name,
  testEnvironment: 'node',
  // the embedded database's files under .data are none of jest's business
  roots: ['<rootDir>/src', '<rootDir>/test'],
  testMatch,
  moduleFileExtensions: ['ts', 'js', 'mjs', 'json', 'node'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { swcrc: true }] },
  // sources import one another as `.js`; what comes from dist is JavaScript already
  moduleNameMapper: { '^(\\.{1,2}/(?!.*dist/).*)\\.js$': ['$1.ts', '$1.js'] },
  ...extra,
});
const database = {
  testEnvironment: '<rootDir>/test/support/environment.mjs',
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
};

/** Unit specs stand beside the sources; everything that needs PostgreSQL runs against `dist`, where the OpenAPI plugin has been at work. */
export default {
  testTimeout: 30_000,
  reporters: ['default', '<rootDir>/scripts/jest-summary.mjs'],
  projects: [
    project('unit', ['<rootDir>/src/**/*.spec.ts']),
    project('integration', ['<rootDir>/test/integration/**/*.spec.ts'], database),
    project('e2e', ['<rootDir>/test/e2e/**/*.e2e-spec.ts'], database),
    project('architecture', ['<rootDir>/test/architecture/**/*.spec.ts'], database),
  ],
};
