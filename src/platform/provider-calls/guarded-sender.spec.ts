import { claimCall, type ProviderCallPolicy, UNSENT } from '../../kernel/provider-calls';
import { withinTransaction } from '../database/transaction-scope';
import { type CallPermit, permitFor, sendGuarded } from './guarded-sender';

const policy: ProviderCallPolicy = {
  safeWindowMs: 43_200_000,
  quarantineMs: 600_000,
  leaseMs: 75_000,
  callDeadlineMs: 30_000,
};

function permit(over: Partial<CallPermit> = {}): CallPermit {
  const now = new Date();
  return { ...permitFor(claimCall(UNSENT, 'lease', now, policy), now, policy), ...over };
}

describe('the guarded sender', () => {
  const send = jest.fn(() => Promise.resolve('sent'));
  beforeEach(() => send.mockClear());

  it('makes a call that was just claimed, and returns its outcome', async () => {
    await expect(sendGuarded(permit(), send)).resolves.toBe('sent');
  });

  it('does not call when the process was paused until its lease leaves no time for a call', async () => {
    const claimed = permit();
    await expect(
      sendGuarded({ ...claimed, claimedAtMs: claimed.claimedAtMs - 45_000 }, send),
    ).resolves.toMatchObject({ kind: 'no_effect', reason: 'not_sent_in_time' });
    expect(send).not.toHaveBeenCalled();
  });

  it('does not call when the clocks of process and database differ by more than five minutes', async () => {
    for (const minutes of [-6, 6]) {
      const claimed = permit();
      const shifted = (time: Date) => new Date(time.getTime() + minutes * 60_000);
      await expect(
        sendGuarded(
          { ...claimed, claimedAt: shifted(claimed.claimedAt), sendBefore: shifted(claimed.sendBefore) },
          send,
        ),
      ).resolves.toMatchObject({ kind: 'no_effect', reason: 'clock_skew' });
    }
    expect(send).not.toHaveBeenCalled();
  });

  it('rejects a call inside a database transaction', async () => {
    await expect(withinTransaction(() => sendGuarded(permit(), send))).rejects.toThrow(
      'database transaction',
    );
    expect(send).not.toHaveBeenCalled();
  });
});
