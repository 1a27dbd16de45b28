import 'reflect-metadata';
import { HttpProblem } from '../problem/http-problem';
import { IsAmountText, IsIntegerText, IsNested, IsNestedList } from './decorators';
import { StrictValidation } from './strict-validation.pipe';

class Line {
  @IsAmountText()
  amount: string;
}

class Lines {
  @IsNestedList(() => Line, 3)
  lines: Line[];
}

class OneLine {
  @IsNested(() => Line)
  line: Line;
}

class Window {
  @IsIntegerText(1, 100)
  limit: number;
}

function errorsOf(metatype: new () => object, value: unknown): unknown {
  try {
    return new StrictValidation().transform(value, { type: 'body', metatype });
  } catch (error) {
    return (error as HttpProblem).errors;
  }
}

describe('what a caller is told', () => {
  it('of entries that are no objects: which, and that they must be', () => {
    expect(errorsOf(Lines, { lines: [null, { amount: '1' }, 'x'] })).toEqual({
      lines: ['lines must be a list of objects'],
      'lines[0]': ['lines[0] must be an object'],
      'lines[2]': ['lines[2] must be an object'],
    });
    expect(errorsOf(Lines, { lines: [[{ amount: '1' }]] })).toEqual({
      lines: ['lines must be a list of objects'],
    });
  });

  it.each([null, 'x', 1, []])('of %j where one object is due: once that it must be one', (line) => {
    expect(errorsOf(OneLine, { line })).toEqual({ line: ['line must be an object'] });
  });

  it.each(['abc', '0', '101', ''])('of the limit %j: one rule', (limit) => {
    expect(errorsOf(Window, { limit })).toEqual({ limit: ['limit must be a whole number from 1 to 100'] });
  });

  it.each(['1.0e3', '100000000000.00'])(
    'of the amount %s: how it is written and how large it may be',
    (amount) => {
      expect(errorsOf(Line, { amount })).toEqual({
        amount: [
          'amount must be decimal text such as "100.50", at most 99999999999.99, without sign, exponent, spaces or separators of thousands',
        ],
      });
    },
  );
});
