const SECRET = /secret|password|token|hash|sealed|account_number|(?:^|_)key$/i;

/** The same shape with `[redacted]` in place of every value whose name is that of a secret. */
export function redacted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redacted);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      SECRET.test(name) && part !== null ? '[redacted]' : redacted(part),
    ]),
  );
}
