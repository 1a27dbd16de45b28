import { HttpProblem, validationFailed } from '../problem/http-problem';
import { isForbiddenName, isPlainText } from './text-rules';

/**
 * Deeper bodies overflow the stack of validators (a body of 10 KB is enough), which would be our fault and a
 * 500.
 */
export const DEPTH_MAX = 64;
/**
 * class-transformer compares each field of an object with each other: 80,000 of them hold the process for
 * seconds. Metadata, our widest object, has 50.
 */
export const FIELDS_MAX = 200;
/**
 * That many places a structure may have, our longest list; awards, of which JSON takes 5,000, come as a
 * stream beyond.
 */
export const ENTRIES_MAX = 10_000;

interface Container {
  /** Names seen so far, of an object; null for a list. */
  readonly names: Set<string> | null;
  name: string;
  index: number;
  nameNext: boolean;
}

/**
 * Says what JSON.parse lets through: names given twice (the last would win silently), names of
 * Object.prototype (which slip through the whitelist of validators), depth, width, and text PostgreSQL cannot
 * hold. `text` must be valid JSON, which lets one loop over it be enough.
 */
export function scanJson(text: string): void {
  const open: Container[] = [];
  for (let i = 0; i < text.length; i++) {
    const top = open.at(-1);
    switch (text.charCodeAt(i)) {
      case 0x22: {
        const end = endOfString(text, i);
        readString(open, decoded(text.slice(i + 1, end)));
        i = end;
        break;
      }
      case 0x7b:
        push(open, { names: new Set(), name: '', index: 0, nameNext: true });
        break;
      case 0x5b:
        push(open, { names: null, name: '', index: 0, nameNext: false });
        break;
      case 0x7d:
      case 0x5d:
        open.pop();
        break;
      case 0x2c:
        if (top?.names) top.nameNext = true;
        else if (top && ++top.index >= ENTRIES_MAX)
          throw tooWide(open, `A list may have ${ENTRIES_MAX} entries at most`);
        break;
    }
  }
}

function push(open: Container[], container: Container): void {
  open.push(container);
  if (open.length > DEPTH_MAX)
    throw new HttpProblem(400, 'body_too_deep', `The body is nested deeper than ${DEPTH_MAX} levels.`);
}

function endOfString(text: string, start: number): number {
  for (let end = start + 1; ; end++) {
    end = text.indexOf('"', end);
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === 0x5c) slashes++;
    if (slashes % 2 === 0) return end;
  }
}

function decoded(raw: string): string {
  return raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw;
}

function readString(open: Container[], value: string): void {
  const top = open.at(-1);
  if (top?.names && top.nameNext) readName(open, top, top.names, value);
  else if (!isPlainText(value)) throw refused(open, 'must not contain control characters or broken Unicode');
}

function readName(open: Container[], top: Container, names: Set<string>, name: string): void {
  top.name = name;
  top.nameNext = false;
  if (names.has(name))
    throw new HttpProblem(400, 'duplicate_field', `The field ${pathOf(open)} is given twice.`);
  names.add(name);
  if (names.size > FIELDS_MAX) throw tooWide(open, `An object may have ${FIELDS_MAX} fields at most`);
  if (isForbiddenName(name)) throw refused(open, 'is not a field');
  if (!isPlainText(name))
    throw refused(open, 'must not have a name with control characters or broken Unicode');
}

function refused(open: Container[], what: string): HttpProblem {
  const path = pathOf(open);
  return validationFailed({ [path]: [`${path || 'the body'} ${what}`] });
}

function tooWide(open: Container[], rule: string): HttpProblem {
  return new HttpProblem(
    400,
    'body_too_wide',
    `${rule}; ${pathOf(open.slice(0, -1)) || 'the body'} has more.`,
  );
}

function pathOf(open: readonly Container[]): string {
  return open.reduce(
    (path, at) => (at.names ? (path ? `${path}.${at.name}` : at.name) : `${path}[${at.index}]`),
    '',
  );
}
