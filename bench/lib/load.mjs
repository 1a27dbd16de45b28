import { createRequire } from 'node:module';

const autocannon = createRequire(import.meta.url)('autocannon');

/** Requests per second over `connections` persistent connections. Every response must be as expected. */
export async function requestsPerSecond({ url, connections = 50, seconds, requests }) {
  const result = await autocannon({ url, connections, duration: seconds, requests });
  const failed = result.errors + result.timeouts + result.non2xx;
  if (failed)
    throw new Error(
      `${failed} of ${result.requests.total} requests to ${url} failed: ${JSON.stringify(result.statusCodeStats)}`,
    );
  return result.requests.total / result.duration;
}
