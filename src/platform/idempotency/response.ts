/** What the work of an idempotent route returns. The body must be JSON without bigint: its bytes are stored. */
export interface RouteResponse {
  readonly status: number;
  readonly body: unknown;
  /** Absolute path for the header Location; stored with the response. */
  readonly location?: string;
}

/** A response as it is sent, the first time or again. */
export class IdempotentResponse {
  private constructor(
    readonly status: number,
    readonly bytes: Buffer,
    readonly location: string | null,
    readonly replayed: boolean,
    /** Of its request. */
    readonly fingerprint: Buffer,
  ) {}

  /**
   * Only success is stored, because it is stored in the transaction of the effect: an error rolls back both.
   */
  static first(response: RouteResponse, fingerprint: Buffer): IdempotentResponse {
    if (response.status < 200 || response.status > 299)
      throw new Error('throw to reject: an idempotent response is 2xx');
    return new IdempotentResponse(
      response.status,
      Buffer.from(JSON.stringify(response.body)),
      response.location ?? null,
      false,
      fingerprint,
    );
  }

  /** For work that recognizes a repeat by itself: nothing is stored. */
  static unstored(response: RouteResponse, { isRepeat }: { isRepeat: boolean }): IdempotentResponse {
    const {
      status,
      bytes: body,
      location,
      fingerprint,
    } = IdempotentResponse.first(response, Buffer.alloc(0));
    return isRepeat
      ? IdempotentResponse.again({ status, body, location, fingerprint })
      : IdempotentResponse.first(response, fingerprint);
  }

  /** Nothing is created the second time, so 201 becomes 200. */
  static again(stored: {
    status: number;
    body: Buffer;
    location: string | null;
    fingerprint: Buffer;
  }): IdempotentResponse {
    return new IdempotentResponse(
      stored.status === 201 ? 200 : stored.status,
      stored.body,
      stored.location,
      true,
      stored.fingerprint,
    );
  }
}
