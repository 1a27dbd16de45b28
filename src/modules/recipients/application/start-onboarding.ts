import { Injectable } from '@nestjs/common';
import { onboardingAddress } from '../domain/onboarding-address';
import { OpenAccount, type OpenAccountCommand } from './open-account';
import { type OnboardingAddresses, OnboardingGateway, type OnboardingLink } from './ports';

/** http to this machine, for those who develop against us; never in production. */
export abstract class OnboardingRules {
  abstract readonly localAddresses: boolean;
}

/**
 * A link by which a recipient tells Stripe who they are. It works once and is a secret: made per request,
 * never kept, never logged.
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
    asked: OnboardingAddresses,
  ): Promise<OnboardingLink & { stripeAccountId: string }> {
    const to = {
      refreshUrl: onboardingAddress('refresh_url', asked.refreshUrl, this.rules.localAddresses),
      returnUrl: onboardingAddress('return_url', asked.returnUrl, this.rules.localAddresses),
    };
    const { railAccountId, stripeAccountId } = await this.openAccount.execute(command);
    return {
      ...(await this.gateway.link(command.tenant, railAccountId, stripeAccountId, to)),
      stripeAccountId,
    };
  }
}
