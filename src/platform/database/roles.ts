/** Three logins, none a member of another (see docs/adr/0003). */
export const OWNER = 'disburse_owner';
export const APP = 'disburse_app';
export const SYSTEM = 'disburse_system';
export const ROLES = [OWNER, APP, SYSTEM] as const;
