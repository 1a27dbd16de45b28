import { actorOf, type Principal } from '../../../../kernel/principal';
import type { Maker } from '../../domain/approval';

/** The caller as the maker or approver of a settlement. */
export function makerOf(principal: Principal): Maker {
  return { actor: actorOf(principal), actorChain: principal.actorChain };
}
