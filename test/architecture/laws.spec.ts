import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

interface Sample {
  readonly law: string;
  readonly path: string;
  readonly code: string;
}

const MODULE = 'src/modules/ledger/application/sample.ts';
const STRIPE = 'src/modules/transfers/infrastructure/stripe/sample.ts';
const TEST = 'test/integration/ledger/sample.int-spec.ts';

const red = (law: string, path: string, ...codes: string[]): Sample[] =>
  codes.map((code) => ({ law, path, code }));

const BROKEN: readonly Sample[] = [
  ...red(
    'migrations-only',
    'src/platform/database/sample.ts',
    'open({ synchronize: true });',
    "open({ 'dropSchema': true });",
  ),
  ...red('no-floats', MODULE, "parseFloat('1.5');", "Number.parseFloat('1.5');", '(1.005).toFixed(2);'),
  ...red(
    'amounts-stay-bigint',
    MODULE,
    'Number(amountMinor);',
    'Number(transfer.amountMinor);',
    'parseInt(row.balance, 10);',
    'Number(minor);',
  ),
  ...red('no-guessable-values', MODULE, 'Math.random();'),
  ...red(
    'no-default-manager',
    MODULE,
    'source.manager.save(row);',
    'source.getRepository(Row);',
    'source.transaction(work);',
    "import { InjectRepository } from '@nestjs/typeorm';",
  ),
  ...red(
    'no-built-sql',
    MODULE,
    'builder.orderBy(sort);',
    'builder.where(`id = ${id}`);',
    "builder.andWhere('id = ' + id);",
  ),
  ...red('no-console', MODULE, "console.log('x');"),
  ...red('no-console', TEST, "console.error('x');"),
  ...red(
    'every-test-runs',
    TEST,
    "it.only('x', run);",
    "describe.skip('x', run);",
    "xit('x', run);",
    "it.todo('x');",
    "it.skip.each([1])('x', run);",
  ),
  ...red('every-test-runs', 'src/kernel/sample.spec.ts', "it.only('x', run);"),
  ...red(
    'no-sleep',
    TEST,
    'async () => { await delay(100); };',
    'async () => { await new Promise((resolve) => setTimeout(resolve, 100)); };',
  ),
  ...red('access-ends-in-one-place', MODULE, 'this.epochs.bump(tx);', 'this.epochs.bumpIn(tx, tenants);'),
];

const VALID: readonly Sample[] = [
  ...red('migrations-only', MODULE, 'open({ synchronize: false });'),
  ...red('no-floats', 'src/platform/metrics/sample.ts', 'seconds.toFixed(3);'),
  ...red('amounts-stay-bigint', MODULE, 'Number(limit);', 'BigInt(amountMinor);'),
  ...red('amounts-stay-bigint', STRIPE, 'Number(amountMinor);'),
  ...red('no-guessable-values', 'src/simulator/sample.ts', 'Math.random();'),
  ...red('no-default-manager', 'src/platform/database/sample.ts', 'runner.manager.getRepository(Row);'),
  ...red('no-built-sql', MODULE, "builder.where('id = $1');", 'repository.createQueryBuilder().insert();'),
  ...red('no-console', 'src/cli/sample.ts', "console.log('x');"),
  ...red('every-test-runs', TEST, "it.each([1])('x', run);"),
  ...red(
    'no-sleep',
    TEST,
    'async () => { while (!done()) await delay(10); };',
    'const timer = setTimeout(refuse, 100);',
  ),
  ...red('access-ends-in-one-place', MODULE, 'this.epochs.lock(tx);', 'this.revocation.bump(tx, userId);'),
  ...red(
    'access-ends-in-one-place',
    'src/modules/tenancy/application/change-tenant-status.ts',
    'this.epochs.bump(tx);',
  ),
];

async function lint(samples: readonly Sample[]): Promise<{ laws: string[]; seen: string[][] }> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(__dirname, 'support/lint.mjs'), JSON.stringify(samples)],
    { cwd: join(__dirname, '../..') },
  );
  return JSON.parse(stdout) as { laws: string[]; seen: string[][] };
}

describe('the lint rules of the project', () => {
  let laws: string[];
  let seen: string[][];

  beforeAll(async () => {
    ({ laws, seen } = await lint([...BROKEN, ...VALID]));
  }, 60_000);

  it.each(BROKEN.map((sample, index) => ({ ...sample, index })))(
    '$law rejects $code in $path',
    ({ law, index }) => {
      expect(new Set(seen[index])).toEqual(new Set([law]));
    },
  );

  it.each(VALID.map((sample, index) => ({ ...sample, index: BROKEN.length + index })))(
    '$law accepts $code in $path',
    ({ index }) => {
      expect(seen[index]).toEqual([]);
    },
  );

  it('each have a violation and a valid sample', () => {
    expect(laws.filter((law) => !BROKEN.some((sample) => sample.law === law))).toEqual([]);
    expect(laws.filter((law) => !VALID.some((sample) => sample.law === law))).toEqual([]);
  });
});
