import { Client } from 'pg';
import { testApp, type TestApp } from './support/test-app';

/**
 * Looks at each key at the moment of its COMMIT: the effect of the request is in the same transaction, so a
 * process that dies right after would leave an effect whose repeat nobody can answer.
 */
const AT_COMMIT = `
  CREATE FUNCTION probe.refuse_key_without_answer() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF (SELECT status FROM platform.idempotency_keys WHERE tenant_id = NEW.tenant_id
      AND key = NEW.key) IS NULL THEN
      RAISE EXCEPTION 'committed without its answer';
    END IF;
    RETURN NULL;
  END $$;
  CREATE CONSTRAINT TRIGGER answer_is_there AFTER INSERT
    ON platform.idempotency_keys DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION probe.refuse_key_without_answer()`;

describe('the answer to a request', () => {
  let t: TestApp;
  let owner: Client;

  beforeAll(async () => {
    t = await testApp();
    owner = new Client({ connectionString: t.db.urls.owner });
    await owner.connect();
    await owner.query(AT_COMMIT);
  });
  afterAll(async () => {
    await owner.end();
    await t.close();
  });

  it('is kept by the same commit as its effect', async () => {
    const caller = await t.caller();
    const headers = { 'idempotency-key': 'one-commit', 'content-type': 'application/json' };
    const answer = await t.send(caller, {
      method: 'POST',
      url: '/api/v1/probe',
      headers,
      payload: { amount: '1.00', currency: 'usd' },
    });
    expect(answer.statusCode).toBe(201);
    expect(await t.effects(caller.tenant)).toBe(1n);
  });
});
