import { domainError } from '../../kernel/errors';

export class UnknownJob extends domainError(
  'unknown_scheduled_job',
  'invalid',
  (names: readonly string[], known: readonly string[]) => [
    'There is no scheduled job of this name in this process.',
    { unknown: names, known },
  ],
) {}
