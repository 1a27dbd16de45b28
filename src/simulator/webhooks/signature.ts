import { createHmac } from 'node:crypto';
import type { WebhookEndpoint } from '../state/objects';
import type { DeliveryFault } from './types';

const OLD_SECONDS = 3600;

interface SignedDelivery {
  readonly endpoint: WebhookEndpoint;
  readonly fault: DeliveryFault | null;
}

/** Stripe's v1 scheme: HMAC-SHA256 over "<time>.<body>". https://docs.stripe.com/webhooks#verify-manually */
export function signatureHeader(body: string, secret: string, timeSeconds: number): string {
  const signature = createHmac('sha256', secret).update(`${timeSeconds}.${body}`, 'utf8').digest('hex');
  return `t=${timeSeconds},v1=${signature}`;
}

/** The body and its signature, falsified as the fault of the delivery says. */
export function signed(delivery: SignedDelivery, body: string): { body: string; signature: string } {
  const seconds = Math.floor(Date.now() / 1000) - (delivery.fault === 'old_timestamp' ? OLD_SECONDS : 0);
  const secret =
    delivery.fault === 'forged' ? `${delivery.endpoint.secret}_forged` : delivery.endpoint.secret;
  const signature = signatureHeader(body, secret, seconds);
  return {
    body: delivery.fault === 'altered' ? body.replace('"livemode":false', '"livemode":true ') : body,
    signature,
  };
}
