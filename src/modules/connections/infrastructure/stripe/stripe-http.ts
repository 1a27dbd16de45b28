import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Readable } from 'node:stream';
import Stripe from 'stripe';
import { assertOutsideTransaction } from '../../../../platform/database';

const SOCKETS_MAX = 100;
const SOCKETS_IDLE_MAX = 32;

export function keepAliveAgent(protocol: 'http' | 'https'): HttpAgent {
  const limits = { keepAlive: true, maxSockets: SOCKETS_MAX, maxFreeSockets: SOCKETS_IDLE_MAX };
  return protocol === 'http' ? new HttpAgent(limits) : new HttpsAgent(limits);
}

type NodeHttpClient = ReturnType<typeof Stripe.createNodeHttpClient>;

/**
 * The Node client of the Stripe SDK (it follows no redirects) with two more rules: no call inside a database
 * transaction, and a deadline for the whole body. The timeout of the SDK only measures silence: a provider that sends
 * single bytes could keep a call open beyond the lease of its transfer.
 */
export function guardedHttpClient(agent: HttpAgent): NodeHttpClient {
  const client = Stripe.createNodeHttpClient(agent);
  const send = client.makeRequest.bind(client);
  client.makeRequest = async (...args) => {
    // As a rejected promise: the SDK loses an error that is thrown synchronously, and the caller waits forever.
    assertOutsideTransaction('Stripe');
    const timeoutMs = args[7];
    const startedAt = Date.now();
    const response = await send(...args);
    endAt(response.getRawResponse() as Readable, startedAt + timeoutMs - Date.now());
    return response;
  };
  return client;
}

function endAt(body: Readable, leftMs: number): void {
  const timer = setTimeout(
    () => body.destroy(Object.assign(new Error('the answer did not end in time'), { code: 'ETIMEDOUT' })),
    Math.max(leftMs, 1),
  );
  timer.unref();
  body.once('close', () => clearTimeout(timer));
}
