import { Money, currencyOf, type Currency } from '../../../kernel/money';
import { InvalidTenantSettings, type TenantSettings } from '../contract';

const ATTEMPTS_MAX = 20;

export interface SettingsChange {
  readonly allowedCurrencies: readonly string[];
  readonly maxAttempts: number;
  /** Absent: the limits stay, so that a client that does not know them does not remove them. */
  readonly approvalAbove?: readonly { readonly amount: string; readonly currency: string }[];
}

/** The settings after a change. @throws InvalidCurrency, InvalidAmount, InvalidTenantSettings */
export function changed(before: TenantSettings, change: SettingsChange): TenantSettings {
  const allowedCurrencies = [...new Set(change.allowedCurrencies.map(currencyOf))].sort();
  if (allowedCurrencies.length === 0)
    throw new InvalidTenantSettings('At least one currency must be allowed.');
  if (!Number.isInteger(change.maxAttempts) || change.maxAttempts < 1 || change.maxAttempts > ATTEMPTS_MAX) {
    throw new InvalidTenantSettings(`max_attempts must be 1 to ${ATTEMPTS_MAX}.`);
  }
  const approvalAbove = change.approvalAbove ? limitsOf(change.approvalAbove) : before.approvalAbove;
  for (const currency of approvalAbove.keys()) {
    if (!allowedCurrencies.includes(currency))
      throw new InvalidTenantSettings(
        `approval_above has a limit in ${currency}, which is not an allowed currency.`,
      );
  }
  return { allowedCurrencies, maxAttempts: change.maxAttempts, approvalAbove };
}

/** As the API and the audit log show them: amounts as text. */
export function shownSettings(settings: TenantSettings) {
  return {
    allowed_currencies: [...settings.allowedCurrencies],
    max_attempts: settings.maxAttempts,
    approval_above: [...settings.approvalAbove].map(([currency, minor]) =>
      Money.of(minor, currency).toJSON(),
    ),
  };
}

function limitsOf(limits: NonNullable<SettingsChange['approvalAbove']>): ReadonlyMap<Currency, bigint> {
  const byCurrency = new Map<Currency, bigint>();
  for (const { amount, currency: code } of limits) {
    const currency = currencyOf(code);
    if (byCurrency.has(currency))
      throw new InvalidTenantSettings(`approval_above has two limits in ${currency}.`);
    byCurrency.set(currency, Money.parse(amount, currency).minor);
  }
  return new Map([...byCurrency].sort(([a], [b]) => (a < b ? -1 : 1)));
}
