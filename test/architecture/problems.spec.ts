import { standardProblem } from '../../src/platform/http';
import { errorCodes } from './support/names';
import { declaredProblems, raisedProblems, type Refusal } from './support/problems';
import { productionSources, source } from './support/sources';

/** Codes that no route names, each with the reason. */
const NAMED_BY_NONE = [
  // Any route that uses the database may return it.
  'access_changed',
  'commit_unknown',
  'database_unavailable',
  'lock_timeout',
  // Any request that cannot be parsed or authenticated may get it.
  'ambiguous_credentials',
  'body_too_deep',
  'body_too_wide',
  'credentials_in_url',
  'duplicate_field',
  'invalid_json',
  'invalid_query',
  'invalid_utf8',
  'repeated_parameter',
  'tenant_required',
  // By WithoutTenant, which names it on all of its routes.
  'user_required',
  // No client receives it: the caller disconnected, or it is a command.
  'reader_gone',
  'user_disabled',
  // A defect of the program, or rejected earlier by the validation of the body.
  'approval_missing',
  'currency_mismatch',
  'entry_conflict',
  'invalid_id',
  'invalid_platform_share',
  'unknown_role',
];

const project = productionSources();
const declared = declaredProblems(project);
const raised = raisedProblems(project);

const keyOf = ({ status, name }: Pick<Refusal, 'status' | 'name'>) => `${status} ${name}`;
const isStandard = ({ status, name }: Refusal) => standardProblem(status).code === name;

function unknownAmong(named: readonly Refusal[], raised: readonly Refusal[]): string[] {
  const keys = new Set(raised.map(keyOf));
  return named
    .filter((refusal) => !keys.has(keyOf(refusal)) && !isStandard(refusal))
    .map((refusal) => `${keyOf(refusal)}: ${refusal.place}`);
}

describe('the errors that routes declare', () => {
  it('are found, as are those that the code throws', () => {
    expect([declared.length > 150, raised.length > 80]).toEqual([true, true]);
    expect(raised.filter(({ status }) => status === undefined)).toEqual([]);
    const names = new Set(raised.map(({ name }) => name));
    expect(errorCodes(project).filter(({ name }) => !names.has(name))).toEqual([]);
  });

  it('exist with the declared status', () => {
    expect(unknownAmong(declared, raised)).toEqual([]);
  });

  it('are complete except for a list', () => {
    const names = new Set(declared.map(({ name }) => name));
    const silent = raised
      .filter((refusal) => !names.has(refusal.name) && !isStandard(refusal))
      .map(({ name }) => name);
    expect([...new Set(silent)].sort()).toEqual([...NAMED_BY_NONE].sort());
  });
});

describe('the check of errors', () => {
  const errors = source(
    'src/modules/ledger/domain/errors.ts',
    `
    export class InvalidPosting extends domainError('invalid_posting', 'invalid') {}
    const late = () => new HttpProblem(408, 'too_late', 'Too late.');`,
  );
  const routes = source(
    'src/modules/ledger/infrastructure/http/ledger.controller.ts',
    `
    class LedgerController {
      @ApiProblems(422, [409, 'invalid_posting', 'conflict'], [422, 'invalid_posting', 'gone'], [408, 'too_late'])
      post() {}
    }`,
  );

  it('finds a code that is never thrown, and one with a wrong status', () => {
    expect(unknownAmong(declaredProblems([routes]), raisedProblems([errors]))).toEqual([
      '409 invalid_posting: src/modules/ledger/infrastructure/http/ledger.controller.ts:3',
      '422 gone: src/modules/ledger/infrastructure/http/ledger.controller.ts:3',
    ]);
  });
});
