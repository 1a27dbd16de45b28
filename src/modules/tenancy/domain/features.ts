/** The features that a tenant may turn on, with their descriptions. All are off by default. */
export const FEATURES = {
  audit_export: 'The audit trail as a CSV file: GET /api/v1/audit-log/export.',
} as const;
export type FeatureName = keyof typeof FEATURES;
export const FEATURE_NAMES = Object.keys(FEATURES) as FeatureName[];
