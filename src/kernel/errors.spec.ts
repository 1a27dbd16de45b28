import { DomainError, domainError, InvalidTransition } from './errors';

class Fixed extends domainError('fixed_text', 'conflict', 'A fixed text.') {}
class Made extends domainError('made_text', 'invalid', (a: string, b: number) => [`${a} and ${b}`, { a }]) {}
class Given extends domainError('given_text', 'not_found') {}
class Field extends domainError('with_field', 'conflict') {
  constructor(readonly reference: string) {
    super(`Entry ${reference}.`, { reference });
  }
}

const shown = ({ name, code, kind, message, details }: DomainError) => ({
  name,
  code,
  kind,
  message,
  details,
});

describe('domainError', () => {
  it.each([
    [
      new Fixed(),
      { name: 'Fixed', code: 'fixed_text', kind: 'conflict', message: 'A fixed text.', details: undefined },
    ],
    [
      new Made('x', 2),
      { name: 'Made', code: 'made_text', kind: 'invalid', message: 'x and 2', details: { a: 'x' } },
    ],
    [
      new Given('Not here.', { field: 'id' }),
      {
        name: 'Given',
        code: 'given_text',
        kind: 'not_found',
        message: 'Not here.',
        details: { field: 'id' },
      },
    ],
    [
      new Field('r1'),
      {
        name: 'Field',
        code: 'with_field',
        kind: 'conflict',
        message: 'Entry r1.',
        details: { reference: 'r1' },
      },
    ],
    [
      new InvalidTransition('payout', 'NEW', 'COMPLETED'),
      {
        name: 'InvalidTransition',
        code: 'invalid_transition',
        kind: 'conflict',
        message: 'A payout cannot go from NEW to COMPLETED.',
        details: { from: 'NEW', to: 'COMPLETED' },
      },
    ],
  ])('gives the class its code, kind, message and details (case %#)', (error, expected) => {
    expect(shown(error)).toEqual(expected);
    expect(error).toBeInstanceOf(DomainError);
  });

  it('makes classes that instanceof distinguishes', () => {
    expect(new Fixed()).toBeInstanceOf(Fixed);
    expect(new Fixed()).not.toBeInstanceOf(Given);
    expect(new Fixed().details).toBeUndefined();
  });
});
