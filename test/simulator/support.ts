import Stripe from 'stripe';
import { startSimulator } from '../../src/simulator';
import type { Simulator, SimulatorControl, SimulatorOptions } from '../../src/simulator';

export const KEY = 'sk_test_sim_first';

export interface Bench {
  readonly simulator: Simulator;
  readonly stripe: Stripe;
  /** An account that can be paid. */
  readonly payee: string;
}

export function stripeFor(simulator: SimulatorControl, key: string = KEY, timeout = 5_000): Stripe {
  return new Stripe(key, { ...simulator.stripeConfig, maxNetworkRetries: 0, timeout, telemetry: false });
}

/** A simulator with one platform that has money and one payee. */
export async function startBench(options: SimulatorOptions = {}, timeout?: number): Promise<Bench> {
  const simulator = await startSimulator(options);
  await simulator.registerPlatform({ secret_key: KEY, balances: { usd: 1_000_000 } });
  const [payee = ''] = await simulator.createAccounts({ platform: KEY });
  return { simulator, stripe: stripeFor(simulator, KEY, timeout), payee };
}

/** Returns the error of a call that must fail, as stripe-node reports it. */
export async function refusal(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  try {
    await call;
  } catch (error) {
    return error as Stripe.errors.StripeError;
  }
  throw new Error('the call was not refused');
}

export function order(
  payee: string,
  change: Partial<Stripe.TransferCreateParams> = {},
): Stripe.TransferCreateParams {
  return {
    amount: 1_000,
    currency: 'usd',
    destination: payee,
    transfer_group: 'disburse_t1',
    metadata: { transfer: 't1' },
    ...change,
  };
}
