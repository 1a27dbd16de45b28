import { newId, tenantIdOf, type TenantId } from '../../kernel/ids';
import { statementsOf, combineStatements, pendingWrite } from './combine-statements';

const a = { name: 'a', text: 'INSERT INTO a VALUES ($1, $2)', values: ['a1', 'a2'] };
const b = { name: 'b', text: 'INSERT INTO b VALUES ($2, $10, $1)', values: ['b1', 'b2'] };
const c = { name: 'c', text: 'INSERT INTO c VALUES ($1)', values: ['c1'] };

describe('writes together', () => {
  const into = (table: string) => (tenant: TenantId, rows: readonly number[]) => ({
    name: table,
    text: `INSERT INTO ${table} …`,
    values: [tenant, rows],
  });

  it('are one statement for the rows of one, in the order in which they came', () => {
    const tenant = tenantIdOf(newId());
    const [x, y, z] = [into('x'), into('y'), into('z')];
    const statements = statementsOf(tenant, [
      pendingWrite(x, [1]),
      pendingWrite(y, [7, 8]),
      pendingWrite(x, [2, 3]),
      pendingWrite(z, []),
    ]);
    expect(statements).toEqual([
      { name: 'x', text: 'INSERT INTO x …', values: [tenant, [1, 2, 3]] },
      { name: 'y', text: 'INSERT INTO y …', values: [tenant, [7, 8]] },
    ]);
  });
});

describe('statements together', () => {
  it('keep each its own values', () => {
    expect(combineStatements([a, b, c])).toMatchObject({
      text: 'WITH w0 AS (INSERT INTO a VALUES ($1, $2)), w1 AS (INSERT INTO b VALUES ($4, $12, $3)) INSERT INTO c VALUES ($5)',
      values: ['a1', 'a2', 'b1', 'b2', 'c1'],
    });
    expect(combineStatements([a])).toMatchObject({ text: a.text, values: a.values });
  });

  it('have a name of their own, short enough for PostgreSQL, when all of them have one', () => {
    const [first, other, again] = [
      combineStatements([a, b]),
      combineStatements([b, a]),
      combineStatements([a, b]),
    ];
    expect(first.name).toBe(again.name);
    expect(first.name).not.toBe(other.name);
    expect(first.name?.length).toBeLessThan(64);
    expect(combineStatements([a, { ...b, name: undefined }])).not.toHaveProperty('name');
  });
});
