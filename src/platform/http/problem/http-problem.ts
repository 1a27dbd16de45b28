/** Field path (`awards[3].amount`) to what is wrong with it. */
export type FieldErrors = Record<string, string[]>;

export interface ProblemExtras {
  readonly errors?: FieldErrors;
  readonly headers?: Record<string, string>;
}

/** A refusal of the HTTP layer itself: what cannot be read, who may not enter, what the protocol forbids. */
export class HttpProblem extends Error {
  readonly errors?: FieldErrors;
  readonly headers: Record<string, string>;

  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    extras: ProblemExtras = {},
  ) {
    super(detail);
    this.name = 'HttpProblem';
    this.headers = extras.headers ?? {};
    if (extras.errors) this.errors = extras.errors;
  }
}

/** 422 with the fields named; every message is shown to the caller. */
export function validationFailed(errors: FieldErrors): HttpProblem {
  const fields = Object.keys(errors).length;
  return new HttpProblem(
    422,
    'validation_failed',
    fields === 1 ? 'One field is not valid.' : `${fields} fields are not valid.`,
    { errors },
  );
}
