import { alongside } from './alongside';

const insert = { name: 'a', text: 'INSERT INTO a VALUES ($1, $2)', values: ['a1', 'a2'] };

describe('a write alongside another', () => {
  it('keeps its own values', () => {
    expect(alongside(insert, { name: 'b', text: 'INSERT INTO b VALUES ($2, $10, $1)', values: ['b1', 'b2'] })).toEqual({
      name: 'a+b',
      text: 'WITH also AS (INSERT INTO b VALUES ($4, $12, $3)) INSERT INTO a VALUES ($1, $2)',
      values: ['a1', 'a2', 'b1', 'b2'],
    });
  });

  it('is prepared only when both are', () => {
    expect(alongside(insert, { text: 'INSERT INTO b VALUES ($1)', values: ['b1'] })).not.toHaveProperty('name');
  });
});
