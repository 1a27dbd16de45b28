import Stripe from 'stripe';
import { ProviderUnreachable, RailAccountRefused } from '../../domain/errors';

/**
 * Reads an object at Stripe. Returns null if it does not exist or the key may not read it. A 200 with another kind of
 * object is treated as no response: it could be mistaken for an account that cannot be paid.
 *
 * @throws RailAccountRefused if Stripe refuses the key
 * @throws ProviderUnreachable for all other errors
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

/** For an account that is not connected to ours, Stripe returns 403: "does not have access, or … not exist". */
function isForeignAccount(error: InstanceType<typeof Stripe.errors.StripeError>): boolean {
  return error.statusCode === 403 && error.code === 'account_invalid';
}
