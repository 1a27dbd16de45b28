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
 * stripe-node's own node client (it follows no redirects) with two walls of ours: no call inside a database
 * transaction, and an end to the body. The SDK's timeout only watches for silence: a provider that sends a
 * byte now and then could hold a call beyond the lease of its transfer.
 */
export function guardedHttpClient(agent: HttpAgent): NodeHttpClient {
  const client = Stripe.createNodeHttpClient(agent);
  const send = client.makeRequest.bind(client);
  client.makeRequest = async (...args) => {
    // As a rejection: what is thrown here synchronously is lost inside the SDK, and the caller waits for
    // ever.
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
