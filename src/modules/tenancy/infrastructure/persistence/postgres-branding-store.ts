import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../../kernel/ids';
import type { Tx } from '../../../../kernel/tx';
import { sql } from '../../../../platform/database';
import { BrandingStore } from '../../application/ports';
import { TenantUnknown, type Branding } from '../../contract';
import {
  insertDefaultBranding,
  lockBranding,
  readBranding,
  updateBranding,
  type BrandingRow,
} from './sql/branding.sql';

@Injectable()
export class PostgresBrandingStore extends BrandingStore {
  async read(tx: Tx, id: TenantId): Promise<Branding> {
    const found = await sql(tx).maybe(readBranding(id));
    if (found) return brandingFrom(found);
    await sql(tx).count(insertDefaultBranding(id));
    return brandingFrom(await sql(tx).maybe(readBranding(id)));
  }

  async lock(tx: Tx, id: TenantId): Promise<Branding> {
    await sql(tx).count(insertDefaultBranding(id));
    return brandingFrom(await sql(tx).maybe(lockBranding(id)));
  }

  async replace(tx: Tx, id: TenantId, branding: Branding): Promise<void> {
    await sql(tx).count(updateBranding(id, branding));
  }
}

function brandingFrom(row: BrandingRow | null): Branding {
  if (!row) throw new TenantUnknown();
  return {
    displayName: row.display_name,
    logoUrl: row.logo_url,
    primaryColor: row.primary_color,
    supportEmail: row.support_email,
    supportUrl: row.support_url,
  };
}
