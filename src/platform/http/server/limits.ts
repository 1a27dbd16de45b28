/**
 * Every wait and every size of the server has an end; see docs of Node's http.Server for what each timer
 * covers.
 */
export interface HttpLimits {
  readonly bodyLimitBytes: number;
  /** From the first byte of a request to its last, uploads included. */
  readonly requestTimeoutMs: number;
  readonly headersTimeoutMs: number;
  /** Silence on a socket, in either direction. */
  readonly connectionTimeoutMs: number;
  /**
   * Longer than the idle timeout of common load balancers (60 s), or they would meet sockets we have just
   * closed.
   */
  readonly keepAliveTimeoutMs: number;
  readonly urlLengthMax: number;
  /** Whose X-Forwarded-For counts: so many proxies, or those of these addresses. Nobody's unless said. */
  readonly trustedProxies: number | readonly string[] | false;
}

export const DEFAULT_HTTP_LIMITS: HttpLimits = {
  bodyLimitBytes: 1_048_576,
  requestTimeoutMs: 300_000,
  headersTimeoutMs: 15_000,
  connectionTimeoutMs: 60_000,
  keepAliveTimeoutMs: 72_000,
  urlLengthMax: 8_192,
  trustedProxies: false,
};
