import { newId } from '../../../../src/kernel/ids';
import { UnitOfWork } from '../../../../src/kernel/tx';
import { Connections } from '../../../../src/modules/connections';
import { Transfers } from '../../../../src/modules/transfers';
import type { TestApp, TestTenant } from '../../../support';

/**
 * Requests a manual transfer of a part of what is payable to a recipient, and returns its id. No route does
 * that, because settlements use one rail; the test uses the facade.
 */
export async function requestManualTransfer(
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
