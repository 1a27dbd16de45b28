/**
 * PostgreSQL refuses NUL in text and lone surrogates in jsonb, and silently alters the latter in text; the
 * other control characters, but tab and line ends, have no place in what people read.
 */
const NOT_PLAIN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]|\p{Surrogate}/u;

export function isPlainText(text: string): boolean {
  return !NOT_PLAIN.test(text);
}

const FORBIDDEN: ReadonlySet<string> = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  'prototype',
]);

/** Names every object answers to without owning them: no field of ours is called so. */
export function isForbiddenName(name: string): boolean {
  return FORBIDDEN.has(name);
}
