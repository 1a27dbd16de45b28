/**
 * Patterns of what must never be in a log, wherever it comes from: an error message, a URL, a misnamed field.
 */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/\b(?:sk|rk|pk)_(?:live|test)_\w+/g, '[provider key]'],
  [/\b(?:whsec|dk)_[\w-]+/g, '[key]'],
  // Sessions, refresh tokens, invitations, resets.
  [/\bd[srip]_[\w-]{20,}/g, '[token]'],
  [/\b(?:Bearer|Basic)\s+[\w.~+/=-]+/gi, '[authorization]'],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, '[token]'],
  [/\bv1\.[a-z0-9-]{1,16}\.[\w-]{16}\.[\w-]{22}\.[\w-]*/g, '[sealed]'],
  [/:\/\/[^/\s:@]*:[^@\s]*@/g, '://[login]@'],
  [/[\w.+-]+@[\w-]+\.[\w.-]+/g, '[e-mail]'],
  [/\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,3})?\b/g, '[account]'],
  // Account and card numbers; the borders leave the groups of a UUID alone.
  [/(?<![\w.-])\d(?:[ -]?\d){8,18}(?![\w-])/g, '[number]'],
];

const TEXT_MAX = 2_000;

/**
 * Ids, words, routes and addresses, of which most lines consist: none can have one of the shapes, and looking
 * for each costs more than the line.
 */
const PLAIN =
  /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[A-Z]{1,14}|[a-z.]{1,64}|(?:\/:?[a-z][a-z0-9-]{0,30}){1,10}|\d{1,3}(?:\.\d{1,3}){3})$/;

export function scrubbed(text: string): string {
  if (PLAIN.test(text)) return text;
  // Cut first: a pattern never runs over a text of any length.
  const cut = text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text;
  return SHAPES.reduce((clean, [shape, name]) => clean.replace(shape, name), cut);
}
