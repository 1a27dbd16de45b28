import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

const call = (...names) => `CallExpression[callee.name=/^(?:${names.join('|')})$/]`;
const method = (...names) => `CallExpression[callee.property.name=/^(?:${names.join('|')})$/]`;
const member = (object, property) =>
  `MemberExpression[object.name=/^(?:${object})$/][property.name=/^(?:${property})$/]`;

const AMOUNT = '[name=/(?:^minor|Minor|^amount|Amount|^balance|Balance)$/]';
const TO_NUMBER = call('Number', 'parseInt');
const DEFAULT_MANAGERS = 'InjectRepository|InjectEntityManager|InjectDataSource|InjectConnection|BaseEntity';
const BUILDER = method('where', 'andWhere', 'orWhere', 'having', 'select', 'addSelect');
const BUILT = 'TemplateLiteral[expressions.length>0], BinaryExpression[operator="+"]';
const LOOPS = ':matches(WhileStatement, DoWhileStatement, ForStatement, ForOfStatement)';
const SPECS = ['**/*.spec.ts', '**/*.int-spec.ts', '**/*.e2e-spec.ts', '**/*.storm-spec.ts'];

/**
 * Rules of this project that no compiler checks: what is rejected (an ESTree selector), where, and what to do
 * instead. Each is a lint rule of its own, so that an exception names one of them;
 * test/architecture/laws.spec.ts proves each of them.
 */
export const LAWS = {
  'migrations-only': {
    refused: ['name', 'value']
      .map((as) => `Property[key.${as}=/^(?:synchronize|dropSchema|migrationsRun)$/][value.value=true]`)
      .join(', '),
    instead: 'The schema changes by migrations only.',
    files: ['src/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts'],
  },
  'no-floats': {
    refused: `${call('parseFloat')}, ${method('parseFloat', 'toFixed', 'toPrecision', 'toExponential')}`,
    instead: 'Amounts are bigint minor units; kernel/money parses and writes them.',
    files: ['src/modules/**/*.ts', 'src/kernel/**/*.ts'],
  },
  'amounts-stay-bigint': {
    refused: [
      `${TO_NUMBER} > :matches(Identifier${AMOUNT}, MemberExpression > Identifier.property${AMOUNT})`,
      `${TO_NUMBER} > MemberExpression:has(> Identifier.property${AMOUNT})`,
    ].join(', '),
    instead:
      'A number loses cents above 2^53. Only the adapter of a provider that takes numbers may convert.',
    files: ['src/modules/**/*.ts', 'src/kernel/**/*.ts', 'src/platform/**/*.ts'],
    except: ['src/modules/*/infrastructure/stripe/**/*.ts'],
  },
  'no-guessable-values': {
    refused: member('Math', 'random'),
    instead:
      'Keys, tokens and ids come from node:crypto or newId(). Jitter, which may be guessable, has named files.',
    files: ['src/**/*.ts'],
    except: [
      'src/platform/database/postgres-unit-of-work.ts',
      'src/modules/transfers/application/record-outcomes.ts',
      'src/simulator/**/*.ts',
    ],
  },
  'no-default-manager': {
    refused: [
      'MemberExpression[property.name=/^(?:manager|getRepository|createEntityManager|createQueryRunner)$/]',
      method('transaction'),
      `ImportSpecifier[imported.name=/^(?:${DEFAULT_MANAGERS})$/]`,
    ].join(', '),
    instead: 'A default manager has no tenant and no transaction: use repository(tx, Row) or sql(tx).',
    files: ['src/**/*.ts'],
    except: ['src/platform/database/**/*.ts', 'src/simulator/**/*.ts'],
  },
  'no-built-sql': {
    refused: [
      method('orderBy', 'addOrderBy', 'groupBy', 'addGroupBy', 'distinctOn'),
      `${BUILDER} > :matches(${BUILT}):first-child`,
    ].join(', '),
    instead:
      'A string given to a query builder is SQL: write the statement in a *.sql.ts with $n parameters.',
    files: ['src/**/*.ts'],
  },
  'no-console': {
    refused: 'MemberExpression[object.name="console"]',
    instead: 'Log by the Log of platform/logging, which redacts; a command writes to process.stdout.',
    files: ['src/**/*.ts', 'test/**/*.ts'],
    except: ['src/cli/**/*.ts', 'src/simulator/**/*.ts'],
  },
  'every-test-runs': {
    refused: [
      call('fit', 'fdescribe', 'xit', 'xtest', 'xdescribe'),
      member('it|test|describe', 'only|skip|todo|failing'),
    ].join(', '),
    instead: 'Every test runs always. Do not commit a test that cannot run yet.',
    files: ['src/**/*.ts', 'test/**/*.ts'],
  },
  'no-sleep': {
    refused: [
      `AwaitExpression:not(${LOOPS} *) > ${call('delay', 'sleep', 'setTimeout')}`,
      `NewExpression[callee.name="Promise"]:not(${LOOPS} *) > ArrowFunctionExpression > ${call('setTimeout')}`,
    ].join(', '),
    instead:
      'Wait for a condition in a loop with a deadline: a sleep is too short on a slow machine, else too long.',
    files: ['test/**/*.ts', ...SPECS],
  },
  'access-ends-in-one-place': {
    refused: `${method('bump', 'bumpIn', 'bumpInstallation')} > MemberExpression[object.property.name="epochs"]`,
    instead:
      'Access ends by AccessRevocation (ADR 0038), which also revokes derived keys and records the change.',
    files: ['src/modules/**/*.ts'],
    except: [
      'src/modules/identity/access/application/access-revocation.ts',
      'src/modules/tenancy/application/change-tenant-status.ts',
    ],
  },
};

const project = { rules: Object.fromEntries(Object.entries(LAWS).map(([name, law]) => [name, ruleOf(law)])) };

function ruleOf({ refused, instead }) {
  return { create: (context) => ({ [refused]: (node) => context.report({ node, message: instead }) }) };
}

const laws = Object.entries(LAWS).map(([name, { files, except }]) => ({
  files,
  ...(except ? { ignores: except } : {}),
  plugins: { project },
  rules: { [`project/${name}`]: 'error' },
}));

/** Files that may be longer than the limit, each with its reason. */
const ABOVE_LIMITS = [
  { file: '.dependency-cruiser.js', why: 'one table of rules' },
  { file: 'eslint.config.mjs', why: 'one table of rules' },
  { file: 'mutants/*.cjs', why: 'a register of data, one file per module' },
  { file: 'src/**/migrations/*.ts', why: 'one migration per module' },
  { file: 'src/modules/identity/accounts/domain/common-passwords.ts', why: 'a list of data' },
];

/**
 * Limits of size. Suites of tests are containers of functions, so only their files are limited. Migrations
 * are one file per module by rule.
 */
const LIMITS = [
  { rules: { 'max-len': ['error', { code: 120, ignoreUrls: true }], 'max-lines': ['error', 200] } },
  { files: ['test/**', ...SPECS], rules: { 'max-lines': ['error', 400] } },
  {
    files: ['**/*.{ts,mjs,cjs,js}'],
    ignores: ['test/**', ...SPECS, '**/migrations/*.ts'],
    rules: { 'max-lines-per-function': ['error', { max: 40, skipComments: true }] },
  },
  { files: ABOVE_LIMITS.map(({ file }) => file), rules: { 'max-lines': 'off' } },
];

/** Node's own list of its globals, instead of the package `globals`. */
const NODE = Object.fromEntries(Object.getOwnPropertyNames(globalThis).map((name) => [name, 'readonly']));

/** The strict set without rules that found nothing but style in this code; each line says why it is off. */
const TYPED = {
  '@typescript-eslint/restrict-template-expressions': [
    'error',
    { allowNumber: true, allowBoolean: true, allowArray: true },
  ],
  '@typescript-eslint/no-confusing-void-expression': 'off', // `() => list.push(x)` is clear
  '@typescript-eslint/require-await': 'off', // async turns a throw into a rejection, which a port may promise
  // a Nest module is an empty class
  '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
  // the compiler says it already (noUnusedLocals, noUnusedParameters)
  '@typescript-eslint/no-unused-vars': 'off',
  // a type parameter used once may still state what a caller passes
  '@typescript-eslint/no-unnecessary-type-parameters': 'off',
  '@typescript-eslint/ban-ts-comment': [
    'error',
    { 'ts-expect-error': true, 'ts-ignore': true, 'ts-nocheck': true },
  ],
  // DTO and settings classes are shapes, filled by literals
  '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
  '@typescript-eslint/no-misused-spread': 'off', // for the same reason
  '@typescript-eslint/no-dynamic-delete': 'off',
  // a quarter of the time of a run, for a handful of enums
  '@typescript-eslint/no-unsafe-enum-assignment': 'off',
  '@typescript-eslint/no-deprecated': 'off', // decided when a library is upgraded
  // types of libraries and of bodies may be wrong; an unnecessary check is cheap
  '@typescript-eslint/no-unnecessary-condition': 'off',
  '@typescript-eslint/no-unnecessary-type-assertion': 'off',
  '@typescript-eslint/no-unnecessary-type-arguments': 'off',
  '@typescript-eslint/no-unnecessary-type-conversion': 'off',
  '@typescript-eslint/no-unnecessary-boolean-literal-compare': 'off',
  '@typescript-eslint/no-meaningless-void-operator': 'off',
  '@typescript-eslint/use-unknown-in-catch-callback-variable': 'off',
  'no-undef': 'off', // the compiler checks it
};

/**
 * In tests, test doubles and the bodies of responses have unknown types. The rules about promises stay.
 */
const IN_TESTS = {
  '@typescript-eslint/no-non-null-assertion': 'off',
  '@typescript-eslint/no-unsafe-assignment': 'off', // expect.any() is any
  '@typescript-eslint/no-unsafe-argument': 'off', // and so is what asymmetric matchers are handed to
  '@typescript-eslint/no-base-to-string': 'off',
};

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', '.disburse/**', 'coverage/**', 'test/architecture/fixtures/**'] },
  // A comment cannot switch a rule off: exceptions are in this file, with their reasons.
  { linterOptions: { noInlineConfig: true } },
  eslint.configs.recommended,
  // control characters are matched on purpose; messages do not repeat their cause
  { rules: { 'no-control-regex': 'off', 'preserve-caught-error': 'off' } },
  { files: ['**/*.{js,cjs,mjs}'], languageOptions: { globals: NODE } },
  {
    files: ['**/*.{js,cjs}'],
    languageOptions: { sourceType: 'commonjs', globals: { __dirname: 'readonly', __filename: 'readonly' } },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: TYPED,
  },
  { files: ['test/**/*.ts', ...SPECS], rules: IN_TESTS },
  // Types of CommonJS scripts; only tests read them.
  { files: ['**/*.d.cts'], extends: [tseslint.configs.base], rules: { 'no-unused-vars': 'off' } },
  ...laws,
  ...(process.env.LIMITS ? LIMITS : []),
);
