import { newId } from '../../../../src/kernel/ids';
import { UnitOfWork } from '../../../../src/kernel/tx';
import { Connections } from '../../../../src/modules/connections';
import { Transfers } from '../../../../src/modules/transfers';
import type { TestApp, TestTenant } from '../../../support';

/**
 * A part of what is payable to a recipient is to be paid on the manual rail; answers the transfer's id. No
 * route asks for that: settlements take the Stripe rail, so the test uses the door of the modules above.
 */
export async function requestByHand(
  world: TestApp,
  tenant: TestTenant,
  award: { recipientId: string; amountMinor: bigint },
): Promise<string> {
  const origin = { kind: 'by_hand', id: newId() };
  await world.app.get(UnitOfWork, { strict: false }).run(tenant.id, async (tx) => {
    const { id: railAccountId } = await world.app
      .get(Connections, { strict: false })
      .railAccountFor(tx, 'manual');
    const request = {
      ...award,
      currency: 'USD',
      rail: 'manual' as const,
      railAccountId,
      purpose: 'award' as const,
      origin,
      jobId: null,
      settlementId: null,
      maxAttempts: 1,
    };
    await world.app
      .get(Transfers, { strict: false })
      .request(tx, [request], { reference: `by_hand:${origin.id}:reserved` });
  });
  const { results } = await tenant.get<{ results: { id: string; status: string }[] }>(
    `/transfers?recipient_id=${award.recipientId}`,
  );
  return results[0]?.id as string;
}
