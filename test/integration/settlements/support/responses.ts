/** All fields of the module's responses. Each response has some of them. */
export interface ResponseBody {
  readonly id: string;
  readonly status: string;
  readonly code: string;
  readonly total: number;
  readonly problems: readonly {
    readonly index: number | null;
    readonly line: number | null;
    readonly code: string;
    readonly message: string;
  }[];
  readonly errors: Readonly<Record<string, string[]>>;
  readonly results: readonly ResponseBody[];
  readonly next: string;
  readonly previous: string;
  readonly recipient_id: string;
  readonly position: number;
  readonly amount: string;
  readonly rank: number | null;
  readonly explanation: object | null;
  readonly remainder: string;
  readonly award_count: number;
  readonly awards: ResponseBody & readonly ResponseBody[];
  readonly exclusions: readonly object[];
  readonly rejection: { readonly total: number; readonly problems: ResponseBody['problems'] } | null;
  readonly plan_hash: string;
  readonly result_hash: string;
  readonly approval: {
    readonly required: boolean;
    readonly above: string;
    readonly approved_by: string | null;
    readonly approved_at: string | null;
    readonly plan_hash: string | null;
  } | null;
  readonly payout_job_id: string | null;
  readonly last_failure: string | null;
  readonly awaiting_approval: {
    readonly count: number;
    readonly oldest_settlement_id: string | null;
    readonly oldest_recorded_at: string | null;
  };
  readonly retried: number;
  readonly counts: Readonly<Record<string, number>>;
}

export interface SentResponse {
  readonly status: number;
  readonly body: ResponseBody;
  readonly headers: Readonly<Record<string, unknown>>;
}
