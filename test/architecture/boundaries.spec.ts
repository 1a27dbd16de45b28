import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

interface Violation {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

const PROJECT = join(__dirname, '../..');
const FIXTURES = join(__dirname, 'fixtures');

/**
 * Dead files are checked only in the project: in a fixture of two files most are not started by a program.
 */
const EVERYWHERE = 'no-dead-file';

const { forbidden } = jest.requireActual<{ forbidden: { name: string; comment: string }[] }>(
  '../../.dependency-cruiser.js',
);
const rules = forbidden.map((rule) => rule.name);

async function cruise(trees: { name: string; dir: string }[]): Promise<Record<string, Violation[]>> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(__dirname, 'support/cruise.mjs'), JSON.stringify(trees)],
    {
      cwd: PROJECT,
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  return JSON.parse(stdout) as Record<string, Violation[]>;
}

const lines = (violations: readonly Violation[]) =>
  violations.map(({ rule, from, to }) => `${rule}: ${from} → ${to}`);

describe('the dependency rules', () => {
  const fixtures = rules.filter((name) => existsSync(join(FIXTURES, name)));
  let broken: Record<string, Violation[]>;
  let inProject: Violation[];

  beforeAll(async () => {
    const found = await cruise([
      { name: '', dir: PROJECT },
      ...fixtures.map((name) => ({ name, dir: join(FIXTURES, name) })),
    ]);
    ({ '': inProject = [], ...broken } = found);
  }, 60_000);

  it('hold in the whole project', () => {
    expect(lines(inProject)).toEqual([]);
  });

  it.each(rules)('rule %s is violated by its fixture, and the fixture violates no other rule', (name) => {
    expect(fixtures).toContain(name);
    const seen = new Set(
      (broken[name] ?? [])
        .map((violation) => violation.rule)
        .filter((rule) => rule === name || rule !== EVERYWHERE),
    );
    expect([...seen]).toEqual([name]);
  });

  it('have no fixture without a rule', () => {
    expect(readdirSync(FIXTURES).filter((name) => !rules.includes(name))).toEqual([]);
  });

  it('have unique names and say what to do instead', () => {
    expect(new Set(rules).size).toBe(rules.length);
    expect(forbidden.filter((rule) => rule.comment.length < 20)).toEqual([]);
  });

  it('allow a query to run a statement, and a use case not', () => {
    const from = (broken['application-writes-through-ports'] ?? []).filter(
      (violation) => violation.rule !== EVERYWHERE,
    );
    expect(from.map((violation) => violation.from)).toEqual([
      'src/modules/ledger/application/post-entries.ts',
    ]);
  });
});
