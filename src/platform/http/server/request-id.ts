import type { IncomingMessage } from 'node:http';
import { newId } from '../../../kernel/ids';

const ACCEPTED = /^[A-Za-z0-9][A-Za-z0-9._:-]{7,127}$/;

/** The caller's own id when it is fit for a log line, else a new one. */
export function requestIdOf(message: Pick<IncomingMessage, 'headers'>): string {
  const given = message.headers['x-request-id'];
  return typeof given === 'string' && ACCEPTED.test(given) ? given : newId();
}
