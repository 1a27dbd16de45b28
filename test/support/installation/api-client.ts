export interface ApiResponse<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** A client of the public API, with an address and a key. */
export class ApiClient {
  constructor(
    readonly url: string,
    readonly apiKey: string,
  ) {}

  at(url: string): ApiClient {
    return new ApiClient(url, this.apiKey);
  }

  get<T>(path: string): Promise<T> {
    return this.mustSend<T>('GET', path);
  }

  post<T>(path: string, body: unknown, idempotencyKey?: string): Promise<T> {
    return this.mustSend<T>('POST', path, body, idempotencyKey);
  }

  put<T>(path: string, body: unknown): Promise<T> {
    return this.mustSend<T>('PUT', path, body);
  }

  /** Returns error responses too. */
  async send<T>(
    method: string,
    path: string,
    body?: unknown,
    idempotencyKey?: string,
  ): Promise<ApiResponse<T>> {
    const response = await fetch(new URL(`/api/v1${path}`, this.url), {
      method,
      headers: {
        'X-API-Key': this.apiKey,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(idempotencyKey === undefined ? {} : { 'Idempotency-Key': idempotencyKey }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as T };
  }

  private async mustSend<T>(
    method: string,
    path: string,
    body?: unknown,
    idempotencyKey?: string,
  ): Promise<T> {
    const response = await this.send<T>(method, path, body, idempotencyKey);
    if (response.status >= 300)
      throw new Error(`${method} ${path} returned ${response.status}: ${JSON.stringify(response.body)}`);
    return response.body;
  }
}
