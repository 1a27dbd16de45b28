import { PayoutJob } from './payout-job';

const at = new Date('2026-01-01T00:00:00Z');
const later = new Date('2026-01-01T00:05:00Z');
const open = () => PayoutJob.open({ id: 'j1', settlementId: 's1', railAccountId: 'a1', total: 3 }, at);

describe('PayoutJob', () => {
  it('is expanded chunk by chunk, then processing, then complete', () => {
    const job = open();
    expect(job.snapshot()).toMatchObject({ status: 'pending', expandedThrough: 0, startedAt: null });
    job.advance(2, at);
    expect(job.snapshot()).toMatchObject({ status: 'expanding', expandedThrough: 2, startedAt: at });
    job.advance(1, later);
    expect(job.snapshot()).toMatchObject({ status: 'processing', expandedThrough: 3, startedAt: at });
    job.complete(later);
    expect(job.snapshot()).toMatchObject({ status: 'complete', completedAt: later });
  });

  it('rejects more transfers than awards', () => {
    expect(() => open().advance(4, at)).toThrow('pending');
  });

  it('completes only after its expansion, and only once', () => {
    const job = open();
    expect(() => job.complete(at)).toThrow(
      expect.objectContaining({ details: { from: 'pending', to: 'complete' } }),
    );
    job.advance(3, at);
    job.complete(at);
    expect(() => job.complete(later)).toThrow(
      expect.objectContaining({ details: { from: 'complete', to: 'complete' } }),
    );
    expect(() => job.advance(1, at)).toThrow(expect.objectContaining({ code: 'invalid_transition' }));
  });

  it('rejects an empty chunk, which would never end', () => {
    expect(() => open().advance(0, at)).toThrow('by 0 awards');
  });

  it('becomes processing again when failed transfers are reopened', () => {
    const job = open();
    expect(() => job.resume()).toThrow(
      expect.objectContaining({ details: { from: 'pending', to: 'processing' } }),
    );
    job.advance(3, at);
    job.resume();
    job.complete(at);
    job.resume();
    expect(job.snapshot()).toMatchObject({ status: 'processing', completedAt: null });
  });
});
