import { isForbiddenName, isPlainText } from '../body/text-rules';
import { HttpProblem, validationFailed } from '../problem/http-problem';

const PARAMETERS_MAX = 50;
const CREDENTIALS: ReadonlySet<string> = new Set([
  'api_key',
  'apikey',
  'api-key',
  'x-api-key',
  'access_token',
  'authorization',
  'token',
]);

const REFUSAL = Symbol('refusal');

/** Parameter names and values without a prototype, so that only what was sent is there. */
export type Query = Record<string, string> & { [REFUSAL]?: HttpProblem };

/**
 * Never throws, because the router has no place for it; a request with a refusal inside is refused by its
 * first hook.
 */
export function parseQuery(text: string): Query {
  const query = Object.create(null) as Query;
  try {
    read(text, query);
  } catch (refusal) {
    query[REFUSAL] = refusal as HttpProblem;
  }
  return query;
}

export function refusalOf(query: unknown): HttpProblem | null {
  return (query as Query | null)?.[REFUSAL] ?? null;
}

function read(text: string, query: Query): void {
  if (text === '') return;
  const pairs = text.split('&').filter((pair) => pair !== '');
  if (pairs.length > PARAMETERS_MAX)
    throw new HttpProblem(400, 'invalid_query', `More than ${PARAMETERS_MAX} query parameters.`);
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    const name = decoded(at < 0 ? pair : pair.slice(0, at));
    const value = at < 0 ? '' : decoded(pair.slice(at + 1));
    check(name, value, query);
    query[name] = value;
  }
}

function check(name: string, value: string, query: Query): void {
  if (CREDENTIALS.has(name.toLowerCase())) {
    throw new HttpProblem(
      400,
      'credentials_in_url',
      'Addresses end up in logs: send credentials in the header X-API-Key, and replace this key.',
    );
  }
  if (isForbiddenName(name)) throw validationFailed({ [name]: [`${name} is not a parameter`] });
  if (!isPlainText(name) || !isPlainText(value))
    throw validationFailed({ [name]: [`${name} must not contain control characters`] });
  if (name in query)
    throw new HttpProblem(400, 'repeated_parameter', `The parameter ${name} is given twice.`);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new HttpProblem(400, 'invalid_query', 'The query is not valid percent-encoded UTF-8.');
  }
}
