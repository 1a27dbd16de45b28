/** Which debt to a recipient an account stands for. */
export type Purpose = 'award' | 'payout' | 'reward';

export type OwnerKind = 'tenant' | 'settlement' | 'recipient' | 'rail account';

export interface AccountType {
  readonly owner: OwnerKind;
  readonly purposes: readonly Purpose[];
  /** May not fall below zero. For the pot it holds entry by entry: what goes in comes out. */
  readonly floor: boolean;
  /**
   * Has a balance row, changed in the entry's transaction. The others are read as checkpoint + tail: no hot
   * row.
   */
  readonly stored: boolean;
  readonly meaning: string;
}

const PURPOSES: readonly Purpose[] = ['award', 'payout', 'reward'];

/**
 * The chart of accounts. Liabilities are positive; `external` is minus the money of ours that lies outside.
 */
export const CHART = {
  funding: {
    owner: 'tenant',
    purposes: [],
    floor: false,
    stored: false,
    meaning: 'money put in less money promised; negative is the funding gap',
  },
  pot: {
    owner: 'settlement',
    purposes: [],
    floor: true,
    stored: false,
    meaning: 'a settlement being divided; 0 after each entry: conservation as a ledger fact',
  },
  payable: {
    owner: 'recipient',
    purposes: PURPOSES,
    floor: true,
    stored: true,
    meaning: 'owed, not yet asked to be sent',
  },
  reserved: {
    owner: 'recipient',
    purposes: PURPOSES,
    floor: true,
    stored: true,
    meaning: 'a live transfer holds it',
  },
  returned: {
    owner: 'recipient',
    purposes: [],
    floor: true,
    stored: true,
    meaning: 'came back from the provider, undecided',
  },
  overpaid: {
    owner: 'recipient',
    purposes: [],
    floor: false,
    stored: false,
    meaning: 'late success after the money was used elsewhere; an alert',
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
    meaning: "what a settlement left undivided, the tenant's own",
  },
  external: {
    owner: 'rail account',
    purposes: [],
    floor: false,
    stored: false,
    meaning: 'outside; minus the money of ours that lies there',
  },
} as const satisfies Record<string, AccountType>;

export type AccountKind = keyof typeof CHART;

export const ACCOUNT_KINDS = Object.keys(CHART) as AccountKind[];

export function accountType(kind: AccountKind): AccountType {
  return CHART[kind];
}
