import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { LocalCache } from '../../../../platform/cache';
import { Cipher } from '../../../../platform/crypto';
import { sql } from '../../../../platform/database';
import type { PageWindow } from '../../../../kernel/page-window';
import { ListResponseCache } from '../../../../platform/pagination/list-response-cache';
import {
  type ReceivingWebhookEndpoint,
  WEBHOOK_ENDPOINT_LIST,
  type WebhookEndpoint,
  WebhookEndpointStore,
} from '../../application/ports';
import * as statements from './sql/webhook-endpoints.sql';

const SECRET_KIND = 'webhook_endpoint.secret';
const ENDPOINTS_MAX = 1_000;

@Injectable()
export class PostgresWebhookEndpointStore extends WebhookEndpointStore {
  /** Entries do not expire: the tenant of an endpoint never changes. Saves a transaction per event. */
  private readonly tenants = new LocalCache<string, TenantId>({ maxEntries: ENDPOINTS_MAX });

  constructor(
    private readonly uow: UnitOfWork,
    private readonly cipher: Cipher,
    private readonly responses: ListResponseCache,
  ) {
    super();
  }

  async tenantOf(endpointId: string): Promise<TenantId | null> {
    const cached = this.tenants.get(endpointId);
    if (cached) return cached;
    const found = await this.uow.runAcrossTenants((tx) =>
      sql(tx).maybe(statements.findWebhookEndpoint(endpointId)),
    );
    if (!found) return null;
    this.tenants.set(endpointId, found.tenant_id);
    return found.tenant_id;
  }

  async receiving(tx: Tx, id: string): Promise<ReceivingWebhookEndpoint | null> {
    const row = await sql(tx).maybe(statements.receivingEndpoint(id));
    return (
      row && {
        ...this.opened(tx, row),
        tenantId: this.uow.tenantOf(tx),
        mode: row.mode,
        providerAccountId: row.provider_account_id,
      }
    );
  }

  async list(tx: Tx, window: PageWindow): Promise<WebhookEndpoint[]> {
    return (await sql(tx).rows(statements.pageOfWebhookEndpoints(window))).map((row) => this.opened(tx, row));
  }

  async add(tx: Tx, endpoint: WebhookEndpoint): Promise<void> {
    this.responses.invalidate(tx, WEBHOOK_ENDPOINT_LIST);
    const secret = this.cipher.encrypt(endpoint.secrets[0] ?? '', this.bound(tx, endpoint.id));
    const row = {
      id: endpoint.id,
      rail_account_id: endpoint.railAccountId,
      family: endpoint.family,
      secret,
      created_at: endpoint.createdAt,
    };
    await sql(tx).count(statements.insertWebhookEndpoint(this.uow.tenantOf(tx), row));
  }

  async rotate(tx: Tx, id: string, secret: string): Promise<boolean> {
    this.responses.invalidate(tx, WEBHOOK_ENDPOINT_LIST);
    return (
      (await sql(tx).count(
        statements.rotateWebhookSecret(id, this.cipher.encrypt(secret, this.bound(tx, id))),
      )) === 1
    );
  }

  async dropPrevious(tx: Tx, id: string): Promise<boolean> {
    this.responses.invalidate(tx, WEBHOOK_ENDPOINT_LIST);
    return (await sql(tx).count(statements.dropPreviousWebhookSecret(id))) === 1;
  }

  private opened(tx: Tx, row: statements.WebhookEndpointRow): WebhookEndpoint {
    const secrets = [row.secret, row.previous_secret].filter((sealed) => sealed !== null);
    return {
      id: row.id,
      railAccountId: row.rail_account_id,
      family: row.family,
      secrets: secrets.map((sealed) => this.cipher.decrypt(sealed, this.bound(tx, row.id))),
      createdAt: row.created_at,
    };
  }

  private bound(tx: Tx, id: string) {
    return { tenant: this.uow.tenantOf(tx), kind: SECRET_KIND, id };
  }
}
