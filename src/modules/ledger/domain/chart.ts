/** What the money of a recipient's account is for. */
export type Purpose = 'award' | 'payout' | 'reward';

export type OwnerKind = 'tenant' | 'settlement' | 'recipient' | 'rail account';

export interface AccountType {
  readonly owner: OwnerKind;
  readonly purposes: readonly Purpose[];
  /** May not fall below zero. The pot is zero after each entry. */
  readonly floor: boolean;
  /**
   * Has a balance row that is changed with each entry. The balances of other kinds are derived from a checkpoint
   * and later postings, because a row that every entry changes would be a bottleneck.
   */
  readonly stored: boolean;
  readonly meaning: string;
}

const PURPOSES: readonly Purpose[] = ['award', 'payout', 'reward'];

/** The chart of accounts. Liabilities are positive; `external` is negative by the money that left. */
export const CHART = {
  funding: {
    owner: 'tenant',
    purposes: [],
    floor: false,
    stored: false,
    meaning: 'money added minus money promised; a negative balance is the funding gap',
  },
  pot: {
    owner: 'settlement',
    purposes: [],
    floor: true,
    stored: false,
    meaning: 'a settlement being divided; 0 after each entry',
  },
  payable: {
    owner: 'recipient',
    purposes: PURPOSES,
    floor: true,
    stored: true,
    meaning: 'promised to the recipient, without a transfer',
  },
  reserved: {
    owner: 'recipient',
    purposes: PURPOSES,
    floor: true,
    stored: true,
    meaning: 'promised to the recipient, with an open transfer',
  },
  returned: {
    owner: 'recipient',
    purposes: [],
    floor: true,
    stored: true,
    meaning: 'came back from the provider; not decided yet',
  },
  overpaid: {
    owner: 'recipient',
    purposes: [],
    floor: false,
    stored: false,
    meaning: 'paid by a late success after the money was used elsewhere; an alert',
  },
  platform_share: {
    owner: 'tenant',
    purposes: [],
    floor: false,
    stored: false,
    meaning: "the tenant's own share of settlements",
  },
  remainder: {
    owner: 'tenant',
    purposes: [],
    floor: false,
    stored: false,
    meaning: "the undivided rest of settlements, the tenant's own",
  },
  external: {
    owner: 'rail account',
    purposes: [],
    floor: false,
    stored: false,
    meaning: 'minus the money that was sent over the rail',
  },
} as const satisfies Record<string, AccountType>;

export type AccountKind = keyof typeof CHART;

export const ACCOUNT_KINDS = Object.keys(CHART) as AccountKind[];

export function accountType(kind: AccountKind): AccountType {
  return CHART[kind];
}
