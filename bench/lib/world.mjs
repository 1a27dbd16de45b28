import { createHash, randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import places from '../../scripts/lib/places.cjs';
import { freshKeys } from './stage.mjs';

const require = createRequire(import.meta.url);
const dist = (path) => require(join(places.PROJECT, 'dist', path));
/** Every bench payee has an account of this name at the simulator; seed.sql makes the same names. */
const accountName = (nth) => `acct_sim_bench_${nth}`;
const PLENTY_MINOR = 9_000_000_000_000;

/**
 * A tenant with a Stripe account and payable recipients, in a database of its own. Written by SQL: this is not
 * measured.
 */
export class World {
  static async make(stage, { recipients, simulatorUrl = null }) {
    const database = await stage.database();
    const world = new World(stage, database);
    await world.#makeTenant();
    if (simulatorUrl) await world.#registerAt(simulatorUrl, recipients);
    await world.#makeRecipients(recipients);
    return world;
  }

  constructor(stage, database) {
    Object.assign(this, {
      stage,
      database,
      keys: freshKeys(),
      secretKey: `sk_test_sim_${randomBytes(12).toString('hex')}`,
    });
    Object.assign(this, {
      tenant: newId(),
      railAccount: newId(),
      apiKey: `dk_${randomBytes(20).toString('hex')}`,
    });
  }

  async sql(text, values = []) {
    return (await this.database.admin.query(text, values)).rows;
  }

  program(roles, settings) {
    return this.stage.program(roles, this.database, this.keys, settings);
  }

  /** Recorded, with its awards and its ledger entry, as the API would leave it. */
  async settlement(awards) {
    const [{ id }] = await this.sql('SELECT bench.settlement($1, $2) AS id', [this.tenant, awards]);
    return id;
  }

  /**
   * A payout job whose transfers are all due. The account is paused, so that no worker begins before the data are
   * complete.
   */
  async job(transfers) {
    const settlement = await this.settlement(transfers);
    const [{ id }] = await this.sql('SELECT bench.expand($1, $2, $3) AS id', [
      this.tenant,
      settlement,
      this.railAccount,
    ]);
    // As autovacuum would have done on an installation that is older than a minute.
    await this.sql(
      'ANALYZE transfers.transfers, transfers.attempts, ledger.accounts, ledger.entries, ledger.postings, platform.outbox, platform.inbox',
    );
    await this.stage.checkpoint();
    return id;
  }

  pause() {
    return this.sql(
      `UPDATE connections.rail_accounts
        SET status = 'paused', paused_reason = 'seeding', paused_by = 'bench', paused_at = now()
        WHERE id = $1`,
      [this.railAccount],
    );
  }

  resume() {
    return this.sql(
      `UPDATE connections.rail_accounts
        SET status = 'active', paused_reason = NULL, paused_by = NULL, paused_at = NULL WHERE id = $1`,
      [this.railAccount],
    );
  }

  /** Transfers that were paid long ago, each with its call. */
  async finished(count) {
    await this.sql('SELECT bench.finished($1, $2, $3)', [this.tenant, this.railAccount, count]);
    await this.sql('VACUUM ANALYZE transfers.transfers');
  }

  close() {
    return this.stage.dropDatabase(this.database);
  }

  async #makeTenant() {
    const { AesGcmCipher, KeyRing } = {
      ...dist('platform/crypto/aes-gcm-cipher.js'),
      ...dist('platform/crypto/key-ring.js'),
    };
    const cipher = new AesGcmCipher(KeyRing.parse(this.keys.ENCRYPTION_KEYS));
    const sealed = cipher.encrypt(this.secretKey, {
      tenant: this.tenant,
      kind: 'rail_account.secret_key',
      id: this.railAccount,
    });
    await this.sql('SELECT bench.tenant($1, $2, $3, $4, $5)', [
      this.tenant,
      this.railAccount,
      sealed,
      this.apiKey.slice(0, 11),
      createHash('sha256').update(this.apiKey).digest(),
    ]);
  }

  async #registerAt(url, recipients) {
    const { SimulatorClient } = dist('simulator/control-client.js');
    this.simulatorUrl = url;
    const simulator = new SimulatorClient(url);
    await simulator.registerPlatform({ secret_key: this.secretKey, balances: { usd: PLENTY_MINOR } });
    const step = 5_000;
    for (let from = 1; from <= recipients; from += step) {
      const count = Math.min(step, recipients - from + 1);
      await simulator.createAccounts({
        platform: this.secretKey,
        ids: Array.from({ length: count }, (_, i) => accountName(from + i)),
      });
    }
  }

  async #makeRecipients(count) {
    await this.sql('SELECT bench.recipients($1, $2, $3)', [this.tenant, this.railAccount, count]);
    await this.sql('ANALYZE recipients.recipients, recipients.connected_accounts, ledger.accounts');
  }
}

export function newId() {
  return dist('kernel/ids.js').newId();
}

export { accountName, dist };
