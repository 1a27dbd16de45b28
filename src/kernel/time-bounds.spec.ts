import { COMPARISONS, msBound } from './time-bounds';

const MS = Date.parse('2025-11-21T08:00:00.123Z');
const all = (time: string) => COMPARISONS.map((comparison) => msBound(comparison, time) - MS);

describe('a bound of time', () => {
  it('is the millisecond it names, or the one after it', () => {
    expect(all('2025-11-21T08:00:00.123Z')).toEqual([1, 0, 0, 1]);
    expect(all('2025-11-21t08:00:00.123000z')).toEqual([1, 0, 0, 1]);
  });

  it.each(['4', '0001', '999999'])('that is finer is between two of them: .123%s', (finer) => {
    expect(all(`2025-11-21T09:00:00.123${finer}+01:00`)).toEqual([1, 1, 1, 1]);
  });

  it('is never later than PostgreSQL can read it', () => {
    expect(new Date(msBound('lte', '9999-12-31T23:59:59.999999999-15:59')).toISOString()).toBe(
      '9999-12-31T23:59:59.999Z',
    );
  });
});
