import { isUtf8 } from 'node:buffer';
import { HttpProblem } from '../problem/http-problem';
import { scanJson } from './scan-json';

/**
 * JSON (RFC 8259) read strictly, from the bytes that came.
 *
 * @throws HttpProblem 400 for what is not JSON in UTF-8, is too deep, too wide or names a field twice; 422
 *   naming the field for text nobody can store
 */
export function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new HttpProblem(400, 'invalid_utf8', 'The body is not valid UTF-8.');
  const text = bytes.toString('utf8');
  const value = parsed(text);
  scanJson(text);
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the body, which may hold what nobody should log.
    throw new HttpProblem(400, 'invalid_json', 'The body is not valid JSON.');
  }
}
