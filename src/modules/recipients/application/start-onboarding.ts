import { Injectable } from '@nestjs/common';
import { onboardingAddress } from '../domain/onboarding-address';
import { OpenAccount, type OpenAccountCommand } from './open-account';
import { type OnboardingAddresses, OnboardingGateway, type OnboardingLink } from './ports';

/** Allows http addresses of this machine for development; never in production. */
export abstract class OnboardingRules {
  abstract readonly localAddresses: boolean;
}

/**
 * Returns a link to Stripe's onboarding pages. It works once and is a secret: requested anew each time, never
 * stored, never logged.
 */
@Injectable()
export class StartOnboarding {
  constructor(
    private readonly openAccount: OpenAccount,
    private readonly gateway: OnboardingGateway,
    private readonly rules: OnboardingRules,
  ) {}

  async execute(
    command: OpenAccountCommand,
    addresses: OnboardingAddresses,
  ): Promise<OnboardingLink & { stripeAccountId: string }> {
    const to = {
      refreshUrl: onboardingAddress('refresh_url', addresses.refreshUrl, this.rules.localAddresses),
      returnUrl: onboardingAddress('return_url', addresses.returnUrl, this.rules.localAddresses),
    };
    const { railAccountId, stripeAccountId } = await this.openAccount.execute(command);
    return {
      ...(await this.gateway.link(command.tenant, railAccountId, stripeAccountId, to)),
      stripeAccountId,
    };
  }
}
