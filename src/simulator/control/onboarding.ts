import type { ServerResponse } from 'node:http';
import { changeAccount } from '../routes/accounts';
import type { Simulation } from '../state/simulation';

/** Serves the address of an account link. Opening it completes the onboarding at once. */
export function onboard(simulation: Simulation, target: string, response: ServerResponse): void {
  const token = target.slice('/_sim/onboarding/'.length).split('?')[0] ?? '';
  const link = simulation.links.get(token);
  if (link === undefined) {
    response
      .writeHead(404, { 'Content-Type': 'text/plain' })
      .end('This onboarding link of the STRIPE SIMULATOR is unknown.\n');
    return;
  }
  const isValid = link.expiresMs > simulation.clock.nowMs();
  const platform = simulation.platforms.get(link.platform);
  const account = platform?.accounts.get(link.account);
  if (isValid && platform !== undefined && account !== undefined) {
    // An address works once. Afterwards it redirects to the refresh address.
    simulation.links.set(token, { ...link, expiresMs: 0 });
    changeAccount(simulation, platform, {
      ...account,
      transfers: 'active',
      payoutsEnabled: true,
      detailsSubmitted: true,
    });
  }
  response.writeHead(302, { Location: isValid ? link.returnUrl : link.refreshUrl }).end();
}
