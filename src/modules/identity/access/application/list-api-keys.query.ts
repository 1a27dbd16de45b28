import { Injectable } from '@nestjs/common';
import type { PageWindow } from '../../../../kernel/page-window';
import type { Tx } from '../../../../kernel/tx';
import { sql } from '../../../../platform/database';
import type { ApiKey } from '../domain/api-key';

/** The keys of the tenant, newest first, with the revoked ones. */
@Injectable()
export class ListApiKeys {
  execute(tx: Tx, window: PageWindow): Promise<ApiKey[]> {
    const [compare, order] = window.backwards ? ['>', 'ASC'] : ['<', 'DESC'];
    return sql(tx).rows<ApiKey>({
      text: `SELECT tenant_id AS "tenantId", id, name, prefix, scopes, actor_chain AS "actorChain",
                    rate_limit_per_minute AS "rateLimitPerMinute", expires_at AS "expiresAt",
                    revoked_at AS "revokedAt", created_at AS "createdAt", rotated_at AS "rotatedAt",
                    previous_until AS "previousUntil", usage_count AS "usageCount", last_used_at AS "lastUsedAt",
                    jsonb_build_object('kind', created_by_kind, 'id', created_by_id, 'name', created_by_name)
                      AS "createdBy"
               FROM identity.api_keys WHERE $1::uuid IS NULL OR id ${compare} $1::uuid ORDER BY id ${order}
                 LIMIT $2`,
      values: [window.position?.[0] ?? null, window.take],
    });
  }
}
