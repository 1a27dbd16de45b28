import Stripe from 'stripe';
import { ProviderUnreachable, RailAccountRefused } from '../../domain/errors';

/**
 * A question that changes nothing, with the answer in our words: null for what Stripe does not know (or this
 * key may not see), RailAccountRefused when it is the key, ProviderUnreachable when it is the moment. A 200
 * with something else in it is no answer: taken as one, it would say of an account that it cannot be paid.
 */
export async function readAtStripe<T extends { readonly object: string }>(
  object: T['object'],
  question: () => Promise<T | undefined>,
): Promise<T | null> {
  try {
    const answer = await question();
    if (answer?.object !== object) throw new ProviderUnreachable();
    return answer;
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error;
    if (error.statusCode === 404 || isForeignAccount(error)) return null;
    throw error.statusCode === 401 || error.statusCode === 403
      ? new RailAccountRefused()
      : new ProviderUnreachable();
  }
}

/**
 * Asked for an account that is not connected to ours, Stripe answers 403: "does not have access, or it does
 * not exist".
 */
function isForeignAccount(error: InstanceType<typeof Stripe.errors.StripeError>): boolean {
  return error.statusCode === 403 && error.code === 'account_invalid';
}
