import { invalidInteger, invalidRequest } from './failure';
import type { Params } from './params';

/** 99,999,999,999.99 in a currency of two decimals; Stripe's own maximum differs by account. */
export const AMOUNT_MAX = 9_999_999_999_999;

const CURRENCIES = new Set(
  (
    'usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp ' +
    'byn bzd cad cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip ' +
    'gmd gnf gtq gyd hkd hnl htg huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt ' +
    'lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr ' +
    'nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd ' +
    'std szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf xcd xof xpf yer zar ' +
    'zmw'
  ).split(' '),
);

/** Amounts in three-decimal currencies end with the digit 0; ISK and UGX are whole units sent with two decimals. */
const STEP = new Map([
  ...'bhd jod kwd omr tnd'.split(' ').map((c) => [c, 10] as const),
  ['isk', 100],
  ['ugx', 100],
]);

export function readCurrency(params: Params): string {
  const currency = params.requiredText('currency').toLowerCase();
  if (!CURRENCIES.has(currency))
    throw invalidRequest(`Invalid currency: ${currency}.`, undefined, 'currency');
  return currency;
}

export function checkAmount(amount: number, currency: string): number {
  if (amount < 1) throw invalidInteger('amount', 'This value must be greater than or equal to 1.');
  if (amount > AMOUNT_MAX)
    throw invalidRequest(`Amount must be no more than ${AMOUNT_MAX}.`, 'amount_too_large', 'amount');
  const step = STEP.get(currency);
  if (step !== undefined && amount % step !== 0)
    throw invalidInteger('amount', `Invalid amount: in ${currency} it must be a multiple of ${step}.`);
  return amount;
}

export function readAmount(params: Params, currency: string): number {
  params.requiredText('amount');
  return checkAmount(params.integer('amount') ?? 0, currency);
}
