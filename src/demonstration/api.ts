/** A client of the public API. It uses no code of the application. */
export class Api {
  constructor(
    private readonly baseUrl: string,
    private readonly apiKey: string,
  ) {}

  get<T>(path: string): Promise<T> {
    return this.call<T>('GET', path);
  }

  post<T>(path: string, body: unknown, idempotencyKey?: string): Promise<T> {
    return this.call<T>('POST', path, body, idempotencyKey);
  }

  put<T>(path: string, body: unknown): Promise<T> {
    return this.call<T>('PUT', path, body);
  }

  /** The items of all pages of a list. */
  async all<T>(path: string): Promise<T[]> {
    const results: T[] = [];
    for (let next: string | null = `/api/v1${path}`; next;) {
      const page: { results: T[]; next: string | null } = await this.send('GET', next);
      results.push(...page.results);
      next = page.next;
    }
    return results;
  }

  private call<T>(method: string, path: string, body?: unknown, idempotencyKey?: string): Promise<T> {
    return this.send<T>(method, `/api/v1${path}`, body, idempotencyKey);
  }

  private async send<T>(method: string, path: string, body?: unknown, idempotencyKey?: string): Promise<T> {
    const response = await sent(new URL(path, this.baseUrl), {
      method,
      headers: {
        'X-API-Key': this.apiKey,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(idempotencyKey === undefined ? {} : { 'Idempotency-Key': idempotencyKey }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const result: unknown = await response.json();
    if (!response.ok)
      throw new Error(`${method} ${path} returned ${response.status}: ${JSON.stringify(result)}`);
    return result as T;
  }
}

const TRIES_MAX = 3;

/**
 * Repeats a call after a connection error, which happens on a busy machine. All calls can be repeated: they read, or
 * have an idempotency key.
 */
async function sent(url: URL, request: RequestInit): Promise<Response> {
  for (let tries = 1; ; tries++) {
    try {
      return await fetch(url, request);
    } catch (error) {
      if (tries === TRIES_MAX) throw error;
    }
  }
}

/** Runs at most `width` at once, in any order. */
export async function inParallel<T>(
  items: readonly T[],
  width: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) await work(items[i] as T, i);
  };
  await Promise.all(Array.from({ length: width }, worker));
}
