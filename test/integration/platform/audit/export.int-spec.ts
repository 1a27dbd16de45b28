import { type IncomingMessage, request } from 'node:http';
import { newId } from '../../../../src/kernel/ids';
import { AuditTrail } from '../../../../src/platform/audit';
import { ExportAuditLog, ExportTooLarge } from '../../../../src/platform/audit/export-audit-log.query';
import { ListAuditLog } from '../../../../src/platform/audit/list-audit-log.query';
import type { Actor } from '../../../../src/kernel/actor';
import { until } from '../../../support';
import { testApp, type Caller, type TestApp } from '../../http/support/test-app';

describe('GET /audit-log/export', () => {
  let t: TestApp;
  let caller: Caller;
  const someone: Actor = {
    kind: 'user',
    id: newId(),
    name: '=HYPERLINK("https://example.com")',
    requestId: 'request-of-ann',
    address: '192.0.2.1',
  };

  const record = (tenant: Caller, ...ids: string[]) =>
    t.db.uow.run(tenant.tenant, (tx) =>
      t.app.get(AuditTrail).record(
        tx,
        someone,
        ...ids.map((id) => ({
          action: 'thing.changed',
          entity: { kind: 'thing', id },
          before: { size: '1' },
          after: { size: '2, "three"', secret: 'x' },
        })),
      ),
    );
  const get = (query = '', as = caller) => t.send(as, { url: `/api/v1/audit-log/export${query}` });
  const linesOf = (body: string) => body.trimEnd().split('\r\n');

  beforeAll(async () => {
    t = await testApp();
    caller = await t.caller(['audit:read', 'tenant:write']);
    await record(caller, '1', '2', '@3');
    await t.send(caller, {
      method: 'PUT',
      url: '/api/v1/tenant/features/audit_export',
      payload: { enabled: true },
    });
  });
  afterAll(() => t.close());

  it('answers a file whose cells are no formulas, newest first, without secrets', async () => {
    const answer = await get('?action=thing.changed');
    expect([
      answer.statusCode,
      answer.headers['content-type'],
      answer.headers['content-disposition'],
    ]).toEqual([200, 'text/csv; charset=utf-8', 'attachment; filename="audit-log.csv"']);
    const [head, ...lines] = linesOf(answer.body);
    expect(head).toBe(
      'id,at,action,actor_kind,actor_id,actor_name,entity_kind,entity_id,before,after,request_id,address',
    );
    expect(lines.map((line) => line.replace(/^[-0-9a-f]{36},[-:.0-9TZ]{24},/, ''))).toEqual(
      ["'@3", '2', '1'].map(
        (id) =>
          `thing.changed,user,${someone.id},"'=HYPERLINK(""https://example.com"")",thing,${id},"{""size"":""1""}","{""size"":""2, \\""three\\"""",""secret"":""[redacted]""}",request-of-ann,192.0.2.1`,
      ),
    );
  });

  it('takes the filters of the list, and no page', async () => {
    expect(linesOf((await get('?entity_kind=thing&entity_id=2')).body)).toHaveLength(2);
    expect(linesOf((await get('?at[gte]=2100-01-01T00:00:00Z')).body)).toHaveLength(1);
    for (const query of ['?limit=1', '?cursor=x', '?entity_id=2', '?action=everything'])
      expect((await get(query)).json()).toMatchObject({ status: 422, code: 'validation_failed' });
  });

  it('reads further than one part, and refuses what is longer than the file may be', async () => {
    const busy = await t.caller();
    await record(busy, ...Array.from({ length: 2_000 }, (_, n) => `${n}`));
    const csv = t.app.get(ExportAuditLog, { strict: false });
    const read = (max: number) =>
      t.db.uow.run(busy.tenant, (tx) => csv.run(tx, { action: 'thing.changed' }, { max }), {
        readOnly: true,
      });
    const ids = linesOf(await read(2_000)).map((line) => line.split(',')[7]);
    expect(ids.slice(1)).toEqual(Array.from({ length: 2_000 }, (_, n) => `${1_999 - n}`));
    await expect(read(1_999)).rejects.toBeInstanceOf(ExportTooLarge);
  });

  it('holds no more than so many bytes: what is larger is refused whole, before any of it is read', async () => {
    const heavy = await t.caller(['audit:read', 'tenant:write']);
    await t.send(heavy, {
      method: 'PUT',
      url: '/api/v1/tenant/features/audit_export',
      payload: { enabled: true },
    });
    const note = 'n'.repeat(1_000_000);
    const add = (count: number) =>
      t.db.uow.run(heavy.tenant, (tx) =>
        t.app.get(AuditTrail).record(
          tx,
          someone,
          ...Array.from({ length: count }, (_, i) => ({
            action: 'thing.noted',
            entity: { kind: 'thing', id: `${i}` },
            after: { note },
          })),
        ),
      );
    await add(16);
    const whole = await get('?action=thing.noted', heavy);
    expect([whole.statusCode, whole.headers['content-length'], linesOf(whole.body).length]).toEqual([
      200,
      String(Buffer.byteLength(whole.body)),
      17,
    ]);
    await add(1);
    const read = jest.spyOn(t.app.get(ListAuditLog, { strict: false }), 'run');
    const refused = await get('?action=thing.noted', heavy);
    expect(refused.json()).toMatchObject({ status: 422, code: 'export_too_large' });
    expect(refused.headers['content-disposition']).toBeUndefined();
    expect(read).not.toHaveBeenCalled();
    read.mockRestore();
  });

  describe('at once', () => {
    let url: string;
    beforeAll(async () => {
      await t.app.listen(0, '127.0.0.1');
      url = await t.app.getUrl();
    });

    const exporter = async (): Promise<Caller> => {
      const one = await t.caller(['audit:read', 'tenant:write']);
      await t.send(one, {
        method: 'PUT',
        url: '/api/v1/tenant/features/audit_export',
        payload: { enabled: true },
      });
      return one;
    };
    const status = async (as: Caller): Promise<number> => (await get('', as)).statusCode;

    /** Exports that come to their first part wait there. */
    function gate() {
      const list = t.app.get(ListAuditLog, { strict: false });
      const run = list.run.bind(list);
      let open!: () => void;
      const opened = new Promise<void>((resolve) => (open = resolve));
      const arriving = jest.spyOn(list, 'run').mockImplementation(async (...asked) => {
        await opened;
        return run(...asked);
      });
      return {
        open,
        arrived: (count: number) =>
          until(`${count} exports wait`, async () => arriving.mock.calls.length === count),
        reads: () => arriving.mock.calls.length,
      };
    }

    it('is one for a tenant and three for a process; another is told to come again, and comes in when one has ended', async () => {
      const [ann, bob, cyn, dan] = await Promise.all([exporter(), exporter(), exporter(), exporter()]);
      const { open, arrived } = gate();
      const first = status(ann);
      await arrived(1);
      const again = await get('', ann);
      expect([
        again.statusCode,
        again.headers['content-type'],
        again.headers['retry-after'],
        again.json<{ code: string }>().code,
      ]).toEqual([503, 'application/problem+json; charset=utf-8', '1', 'exports_busy']);
      const others = [status(bob), status(cyn)];
      await arrived(3);
      expect(await status(dan)).toBe(503);
      open();
      expect(await Promise.all([first, ...others])).toEqual([200, 200, 200]);
      expect([await status(dan), await status(ann)]).toEqual([200, 200]);
    });

    it('is over when it was refused', async () => {
      const ann = await exporter();
      const failing = jest
        .spyOn(t.app.get(ExportAuditLog, { strict: false }), 'run')
        .mockRejectedValueOnce(new ExportTooLarge());
      expect([await status(ann), await status(ann)]).toEqual([422, 200]);
      failing.mockRestore();
    });

    it('is over when its reader hangs up while it is made, as soon as nothing more is made of it', async () => {
      const ann = await exporter();
      await record(ann, ...Array.from({ length: 1_500 }, (_, n) => `${n}`));
      const { open, arrived, reads } = gate();
      const client = request(`${url}/api/v1/audit-log/export`, { headers: { 'x-api-key': ann.secret } })
        .on('error', () => undefined)
        .end();
      await arrived(1);
      client.destroy();
      await until('the server has heard of it', async () =>
        t.log.lines.some(
          ({ event, fields }) =>
            event === 'http.request' && fields['status'] === 499 && fields['tenantId'] === ann.tenant,
        ),
      );
      expect(await status(ann)).toBe(503);
      open();
      await until(
        'the place is free',
        async () => (await get('?action=thing.noted', ann)).statusCode === 200,
      );
      expect(reads()).toBe(2);
    });

    it('is over when its reader hangs up in the middle of the file, and not before', async () => {
      const ann = await exporter();
      const note = 'n'.repeat(1_000_000);
      await t.db.uow.run(ann.tenant, (tx) =>
        t.app.get(AuditTrail).record(
          tx,
          someone,
          ...Array.from({ length: 15 }, (_, i) => ({
            action: 'thing.noted',
            entity: { kind: 'thing', id: `${i}` },
            after: { note },
          })),
        ),
      );
      const client = request(`${url}/api/v1/audit-log/export`, { headers: { 'x-api-key': ann.secret } })
        .on('error', () => undefined)
        .end();
      const answer = await new Promise<IncomingMessage>((resolve) => client.once('response', resolve));
      expect([answer.statusCode, await status(ann)]).toEqual([200, 503]);
      answer.destroy();
      await until('the place is free', async () => (await status(ann)) === 200);
    });
  });

  it("is the tenant's own, for those who may read the trail where the feature is on", async () => {
    const other = await t.caller(['audit:read', 'tenant:write']);
    expect((await get('', other)).json()).toMatchObject({ status: 403, code: 'feature_disabled' });
    await t.send(other, {
      method: 'PUT',
      url: '/api/v1/tenant/features/audit_export',
      payload: { enabled: true },
    });
    expect((await get('?action=thing.changed', other)).body).not.toContain('thing.changed');
    expect((await get('', await t.caller(['tenant:*']))).json()).toMatchObject({
      status: 403,
      code: 'insufficient_scope',
    });
  });
});
