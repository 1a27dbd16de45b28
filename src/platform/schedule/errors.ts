import { DomainError } from '../../kernel/errors';

export class UnknownJob extends DomainError {
  readonly code = 'unknown_scheduled_job';
  readonly kind = 'invalid';

  constructor(names: readonly string[], known: readonly string[]) {
    super('There is no scheduled job of this name in this process.', { unknown: names, known });
  }
}
