import { arrayParameter } from './array-parameter';

const ID = '0197b3a0-1111-7000-8000-00000000000a';

describe('An array as a parameter', () => {
  it.each([
    ['ids', [ID, ID], `{${ID},${ID}}`],
    ['whole numbers', [0, -7, 2_147_483_647], '{0,-7,2147483647}'],
    ['minor units beyond 2^53', [9_007_199_254_740_993n, -1n], '{9007199254740993,-1}'],
    ['yes and no', [true, false], '{true,false}'],
    ['gaps', [null, ID], `{NULL,${ID}}`],
    ['nothing', [], '{}'],
  ])('is written at once when it is of %s', (_, values, text) => expect(arrayParameter(values)).toBe(text));

  it.each([
    ['words', ['NULL', 'a,b', '']],
    ['something longer than an id', [`${ID}}`]],
    ['quotes in the length of an id', ['"'.repeat(36)]],
    ['capitals', [ID.toUpperCase()]],
    ['bytes', [Buffer.from('a')]],
    ['times', [new Date(0)]],
    ['lists', [[1], [2]]],
    ['what is not a number', [Number.NaN, 1]],
    ['gaps without a value', [undefined]],
  ])('is left to pg when it is of %s', (_, values) => expect(arrayParameter(values)).toBe(values));

  it('leaves everything else as it is', () => {
    for (const value of [ID, 1, null, undefined, Buffer.from('{}'), { a: 1 }])
      expect(arrayParameter(value)).toBe(value);
  });
});
