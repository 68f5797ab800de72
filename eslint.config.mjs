import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { suppressionReason } from './scripts/lint/suppression-reason.mjs';

const SOURCES = ['src/**/*.ts', 'migrations/**/*.ts', 'seeders/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts'];
const FEATURES = ['src/modules/**/*.ts', 'src/business/**/*.ts'];
const TESTS = ['test/**/*.ts', '**/*.spec.ts'];

const ENVIRONMENT = 'The environment is read in src/config alone; inject the configuration.';
const environmentImport = { name: 'node:process', importNames: ['env'], message: ENVIRONMENT };
const ormImport = {
  name: '@mikro-orm/postgresql',
  importNames: ['MikroORM', 'PostgreSqlDriver', 'PostgreSqlConnection', 'Configuration'],
  message: 'A feature takes the EntityManager of its plane; platform/database owns the ORM.',
};

/** What lets a feature choose a connection, a transaction or a tenant by itself. */
const noWayRoundTheWalls = [
  {
    selector: 'MemberExpression[property.name=/^(transactional|begin|commit|rollback)$/]',
    message: 'A use case opens its unit of work by tenancy.transaction(), which passes the fence.',
  },
  {
    selector: 'MemberExpression[property.name=/^(fork|getConnection|getDriver|setSessionContext)$/]',
    message: 'Only platform/database and platform/tenancy name a connection or a fork.',
  },
  {
    selector: 'Property[key.name="filters"][value.value=false]',
    message: "The tenant's filter stays on: switch one filter off by its name.",
  },
];

export default defineConfig(
  { ignores: ['dist/**', 'coverage/**', '.data/**'] },
  {
    linterOptions: { reportUnusedDisableDirectives: 'error', reportUnusedInlineConfigs: 'error' },
    plugins: { house: { rules: { 'suppression-reason': suppressionReason } } },
    rules: { 'house/suppression-reason': 'error' },
  },
  js.configs.recommended,
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', module: 'writable', fetch: 'readonly' } },
  },
  {
    files: SOURCES,
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'] }],
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
      'no-restricted-properties': ['error', { object: 'process', property: 'env', message: ENVIRONMENT }],
      'no-restricted-imports': ['error', { paths: [environmentImport] }],
      '@typescript-eslint/max-params': ['error', { max: 6 }],
      '@typescript-eslint/no-explicit-any': 'error',
      // Nest's options and answers are classes that literals stand in for: decorators need a class, callers do not
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      // a Nest module is a decorator on an empty class
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  {
    files: ['src/config/**/*.ts'],
    rules: { 'no-restricted-properties': 'off', 'no-restricted-imports': 'off' },
  },
  {
    files: FEATURES,
    ignores: TESTS,
    rules: {
      'no-restricted-syntax': ['error', ...noWayRoundTheWalls],
      'no-restricted-imports': ['error', { paths: [environmentImport, ormImport] }],
    },
  },
  {
    files: TESTS,
    rules: {
      // a describe block is as long as what it describes
      'max-lines-per-function': 'off',
      // expect(service.method) takes the method without calling it
      '@typescript-eslint/unbound-method': 'off',
      // a stand-in keeps the signature of the port it stands for
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      // an answer has the shape that its test is about
      '@typescript-eslint/no-unsafe-assignment': 'off',
    },
  },
  {
    // a migration is as long as its tables; it is never changed once it has run
    files: ['migrations/**/*.ts', 'seeders/**/*.ts'],
    rules: { 'max-lines': 'off', 'max-lines-per-function': 'off', '@typescript-eslint/require-await': 'off' },
  },
  {
    // these start processes of their own and hand the environment down
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: { 'no-restricted-properties': 'off', 'no-restricted-imports': 'off' },
  },
  {
    // a bench is a program that prints
    files: ['bench/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  prettier,
);
