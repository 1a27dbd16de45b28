const VERBS = { get: 'get', post: 'create', put: 'replace', patch: 'update', delete: 'delete' } as const;
export type Method = keyof typeof VERBS;

/**
 * What an operation is called in generated clients, by its route alone, which is as stable as anything we
 * publish: `listPayouts`,
 * `getPayout`, `createPayout`, `cancelPayout`, `markTransferPaid`. A route that reads badly so names itself, by `operationId` in its
 * ApiOperation.
 */
export function operationIdOf(method: Method, path: string, isPage: boolean): string {
  const segments = path
    .replace(/^\/api\/v\d+/, '')
    .split('/')
    .filter(Boolean);
  const owner = segments
    .filter((_, at) => isParameter(segments[at + 1]))
    .map((noun) => pascal(singular(noun)))
    .join('');
  const last = segments.at(-1) as string;
  if (isParameter(last)) return VERBS[method] + owner;
  if (method !== 'post') return (isPage ? 'list' : VERBS[method]) + owner + pascal(last);
  if (!owner && last !== singular(last)) return VERBS.post + pascal(singular(last));
  // What is done is said by the path: POST /users/{id}/reset-password.
  const [deed = '', ...about] = last.split('-');
  return deed + owner + about.map(pascal).join('');
}

function isParameter(segment: string | undefined): boolean {
  return segment?.startsWith('{') === true;
}

function singular(noun: string): string {
  return noun.endsWith('ies') ? `${noun.slice(0, -3)}y` : noun.replace(/s$/, '');
}

function pascal(words: string): string {
  return words
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}
