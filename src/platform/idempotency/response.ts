/** What the work of an idempotent route answers. The body must be JSON without bigint: its bytes are kept. */
export interface RouteResponse {
  readonly status: number;
  readonly body: unknown;
  /** Absolute path for the header Location; kept with the answer. */
  readonly location?: string;
}

/** An answer as it goes out, the first time or again. */
export class IdempotentResponse {
  private constructor(
    readonly status: number,
    readonly bytes: Buffer,
    readonly location: string | null,
    readonly replayed: boolean,
    /** Of the request it answers. */
    readonly fingerprint: Buffer,
  ) {}

  /**
   * Only what succeeded is kept, because it is kept in the transaction of the effect: a refusal throws and
   * rolls both back.
   */
  static first(answer: RouteResponse, fingerprint: Buffer): IdempotentResponse {
    if (answer.status < 200 || answer.status > 299)
      throw new Error('refuse by throwing: an idempotent answer is 2xx');
    return new IdempotentResponse(
      answer.status,
      Buffer.from(JSON.stringify(answer.body)),
      answer.location ?? null,
      false,
      fingerprint,
    );
  }

  /** For what tells a repeat by itself: nothing is kept. */
  static told(answer: RouteResponse, { isRepeat }: { isRepeat: boolean }): IdempotentResponse {
    const { status, bytes: body, location, fingerprint } = IdempotentResponse.first(answer, Buffer.alloc(0));
    return isRepeat
      ? IdempotentResponse.again({ status, body, location, fingerprint })
      : IdempotentResponse.first(answer, fingerprint);
  }

  /** Nothing is created the second time, so 201 becomes 200. */
  static again(kept: {
    status: number;
    body: Buffer;
    location: string | null;
    fingerprint: Buffer;
  }): IdempotentResponse {
    return new IdempotentResponse(
      kept.status === 201 ? 200 : kept.status,
      kept.body,
      kept.location,
      true,
      kept.fingerprint,
    );
  }
}
