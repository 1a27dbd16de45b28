import { modules } from '../../src/module-list';
import { errorCodes, eventNames, handWritten, repeated } from './support/names';
import { productionSources, source } from './support/sources';

const CODE = /^[a-z]+(?:_[a-z0-9]+)*$/;
const EVENT = /^[a-z]+(?:_[a-z]+)*\.[a-z]+(?:_[a-z]+)*$/;

const project = productionSources();

describe('the codes of errors', () => {
  const codes = errorCodes(project);

  it('are found', () => {
    expect(codes.map(({ name }) => name)).toEqual(expect.arrayContaining(['invalid_id', 'commit_unknown']));
  });

  it('are written in snake_case', () => {
    expect(codes.filter(({ name }) => !CODE.test(name))).toEqual([]);
  });

  it('mean one thing each', () => {
    expect(repeated(codes)).toEqual([]);
  });
});

describe('the names of events', () => {
  const events = eventNames(project);

  it('are found', () => {
    expect(events.map(({ name }) => name)).toContain('transfer.completed');
  });

  it('are a noun, a dot and what happened, under a constant of the same words', () => {
    const words = (text: string) => text.replace(/[._]/g, '').toLowerCase();
    expect(
      events.filter(
        ({ name, constant }) =>
          !EVENT.test(name) || !/^[A-Z][A-Za-z]+$/.test(constant) || constant.toLowerCase() !== words(name),
      ),
    ).toEqual([]);
  });

  it('are made by defineEvent in a contract and nowhere else', () => {
    const elsewhere = project
      .filter(({ path }) => !path.endsWith('/contract.ts') && path !== 'src/kernel/events.ts')
      .filter(({ ast }) => /\bdefineEvent\(|\bnew EventType\(/.test(ast.text));
    expect(elsewhere.map(({ path }) => path)).toEqual([]);
  });

  it('are those that the definitions of the modules list', () => {
    expect([...modules.events].sort()).toEqual(events.map(({ name }) => name).sort());
  });

  it('belong to one contract each', () => {
    expect(repeated(events)).toEqual([]);
  });

  it('are written once, in the contract', () => {
    expect(handWritten(project, events)).toEqual([]);
  });
});

describe('the checks of names', () => {
  const errors = source(
    'src/modules/ledger/domain/errors.ts',
    `
    export class InvalidPosting extends domainError('invalid_posting', 'invalid') {}
    abstract class Broken extends DomainError {}
    export class WorsePosting extends Broken { readonly code = 'invalid_posting'; }
    export class NotOurs extends Error { readonly code = 'invalid_posting'; }`,
  );
  const contract = source(
    'src/modules/ledger/contract.ts',
    "export const EntryPosted = defineEvent('entry.posted', {});\n" +
      "export const EntryLost = defineEvent('EntryLost', {});",
  );
  const handler = source(
    'src/modules/transfers/application/on-entry-posted.ts',
    "export const events = ['entry.posted'];",
  );

  it('see a code twice, also in a class that extends an error of the project', () => {
    expect(repeated(errorCodes([errors]))).toEqual([
      'invalid_posting: src/modules/ledger/domain/errors.ts:2, src/modules/ledger/domain/errors.ts:4',
    ]);
  });

  it('see an event without a dot, and one written by hand', () => {
    const events = eventNames([contract]);
    expect(events.filter(({ name }) => !EVENT.test(name)).map(({ name }) => name)).toEqual(['EntryLost']);
    expect(handWritten([contract, handler], events)).toEqual([
      'src/modules/transfers/application/on-entry-posted.ts:1',
    ]);
  });
});
