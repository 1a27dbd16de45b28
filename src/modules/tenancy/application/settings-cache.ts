import type { TenantSettings } from '../contract';
import { TenantCache } from './tenant-cache';

export class SettingsCache extends TenantCache<TenantSettings> {}
