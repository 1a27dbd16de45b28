import type { ServerResponse } from 'node:http';
import { changeAccount } from '../routes/accounts';
import type { World } from '../state/world';

/** What a recipient's browser meets behind an account link: opening it completes the onboarding at once. */
export function onboard(world: World, target: string, response: ServerResponse): void {
  const token = target.slice('/_sim/onboarding/'.length).split('?')[0] ?? '';
  const link = world.links.get(token);
  if (link === undefined) {
    response
      .writeHead(404, { 'Content-Type': 'text/plain' })
      .end('This onboarding link of the STRIPE SIMULATOR is unknown.\n');
    return;
  }
  const isGood = link.expiresMs > world.clock.nowMs();
  const platform = world.platforms.get(link.platform);
  const account = platform?.accounts.get(link.account);
  if (isGood && platform !== undefined && account !== undefined) {
    // It worked once: from now on the address leads to the refresh address.
    world.links.set(token, { ...link, expiresMs: 0 });
    changeAccount(world, platform, {
      ...account,
      transfers: 'active',
      payoutsEnabled: true,
      detailsSubmitted: true,
    });
  }
  response.writeHead(302, { Location: isGood ? link.returnUrl : link.refreshUrl }).end();
}
