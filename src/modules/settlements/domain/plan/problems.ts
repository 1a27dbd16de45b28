import { type Currency, MINOR_MAX, Money, quantumOf } from '../../../../kernel/money';
import { SettlementInvalid, type SettlementProblem, type SettlementProblemCode } from './errors';

/** Collects all problems, so that a client can fix them in one go. */
export class Problems {
  private readonly found: SettlementProblem[] = [];

  add(index: number | null, code: SettlementProblemCode, message: string): void {
    this.found.push({ index, code, message });
  }

  get none(): boolean {
    return this.found.length === 0;
  }

  has(code: SettlementProblemCode): boolean {
    return this.found.some((problem) => problem.code === code);
  }

  /** @throws SettlementInvalid with problems of the whole first, then by index */
  throwIfAny(): void {
    if (this.none) return;
    throw new SettlementInvalid([...this.found].sort((a, b) => (a.index ?? -1) - (b.index ?? -1)));
  }
}

export function checkPool(pool: bigint, problems: Problems): void {
  if (pool <= 0n) problems.add(null, 'invalid_amount', 'the pool must be above 0');
  else if (pool > MINOR_MAX) problems.add(null, 'invalid_amount', 'the pool is above the largest amount');
}

export function checkPayees(
  lines: readonly { payee: string }[],
  unknown: ReadonlySet<string> | undefined,
  problems: Problems,
): void {
  const firstAt = new Map<string, number>();
  lines.forEach(({ payee }, index) => {
    if (payee === '' || unknown?.has(payee))
      problems.add(index, 'unknown_payee', `payee ${JSON.stringify(payee)} is not known`);
    const before = firstAt.get(payee);
    if (before === undefined) firstAt.set(payee, index);
    else
      problems.add(index, 'duplicate_payee', `payee ${JSON.stringify(payee)} is already at index ${before}`);
  });
}

export function isPayable(amount: bigint, currency: Currency): boolean {
  return amount % quantumOf(currency) === 0n;
}

/** Returns for example "the pool 5.124 KWD is not a multiple of 0.010 KWD". */
export function notPayable(what: string, amount: bigint, currency: Currency): string {
  const quantum = Money.of(quantumOf(currency), currency);
  const text = `${Money.of(amount, currency).toText()} ${currency}`;
  return `${what} ${text} is not a multiple of ${quantum.toText()} ${currency}`;
}
