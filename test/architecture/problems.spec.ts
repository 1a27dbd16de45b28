import { standardProblem } from '../../src/platform/http';
import { errorCodes } from './support/names';
import { declaredProblems, raisedProblems, type InputError } from './support/problems';
import { productionSources, source } from './support/sources';

/** What no route names, and why. */
const NAMED_BY_NONE = [
  // May meet any route that asks the database.
  'access_changed',
  'commit_unknown',
  'database_unavailable',
  'lock_timeout',
  // May meet any request that cannot be read, or whose caller cannot be made out.
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
  // Nobody is there to hear it: a caller who went away, a command line.
  'reader_gone',
  'user_disabled',
  // A defect of ours, or refused before by the shape of the body.
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

const keyOf = ({ status, name }: Pick<InputError, 'status' | 'name'>) => `${status} ${name}`;
const isStandard = ({ status, name }: InputError) => standardProblem(status).code === name;

function unknownAmong(named: readonly InputError[], known: readonly InputError[]): string[] {
  const keys = new Set(known.map(keyOf));
  return named
    .filter((error) => !keys.has(keyOf(error)) && !isStandard(error))
    .map((error) => `${keyOf(error)}: ${error.place}`);
}

describe('the errors that routes name', () => {
  it('are found, as are those that the code raises', () => {
    expect([declared.length > 150, raised.length > 80]).toEqual([true, true]);
    expect(raised.filter(({ status }) => status === undefined)).toEqual([]);
    const names = new Set(raised.map(({ name }) => name));
    expect(errorCodes(project).filter(({ name }) => !names.has(name))).toEqual([]);
  });

  it('exist, under the status that they are named with', () => {
    expect(unknownAmong(declared, raised)).toEqual([]);
  });

  it('are all that there are, but for a list', () => {
    const names = new Set(declared.map(({ name }) => name));
    const silent = raised
      .filter((error) => !names.has(error.name) && !isStandard(error))
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
    class LedgerController { @ApiProblems(422, [409, 'invalid_posting', 'conflict'], [422, 'invalid_posting', 'gone'], [408, 'too_late']) post() {} }`,
  );

  it('sees a code that nothing raises, and one under a wrong status', () => {
    expect(unknownAmong(declaredProblems([routes]), raisedProblems([errors]))).toEqual([
      '409 invalid_posting: src/modules/ledger/infrastructure/http/ledger.controller.ts:2',
      '422 gone: src/modules/ledger/infrastructure/http/ledger.controller.ts:2',
    ]);
  });
});
