/** Letters, digits and hyphens need no quotes, unless they spell NULL: 36 of them cannot. */
const ID = /^[0-9a-f-]{36}$/;

/**
 * An array as PostgreSQL reads it, or the array as it is when its elements are of another kind: pg then
 * quotes each of them, which for thousands of ids takes longer than everything else that is done about a
 * statement.
 */
export function arrayParameter(value: unknown): unknown {
  if (!isPlainArray(value)) return value;
  return `{${value.map((element) => (element === null ? 'NULL' : String(element))).join(',')}}`;
}

type Plain = string | number | bigint | boolean | null;

function isPlainArray(value: unknown): value is Plain[] {
  return Array.isArray(value) && value.every(isPlain);
}

function isPlain(element: unknown): boolean {
  switch (typeof element) {
    case 'string':
      return ID.test(element);
    case 'bigint':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(element);
    default:
      return element === null;
  }
}
