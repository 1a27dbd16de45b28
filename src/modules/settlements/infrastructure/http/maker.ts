import { actorOf, type Principal } from '../../../../kernel/principal';
import type { Maker } from '../../domain/approval';

/** Who makes or approves a settlement, and who counts as the same. */
export function makerOf(principal: Principal): Maker {
  return { actor: actorOf(principal), behind: principal.actorChain };
}
