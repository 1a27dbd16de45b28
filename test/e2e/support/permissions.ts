import type { Operation } from './openapi';

/** Who calls, in the order of the columns. */
export const CALLERS = [
  'nobody',
  'read_only',
  'analyst',
  'operator',
  'tenant_admin',
  'platform_admin',
  'api_key',
] as const;
export type CallerKind = (typeof CALLERS)[number];

export interface Permission {
  readonly operation: Operation;
  readonly allowed: ReadonlySet<CallerKind>;
}

const HEAD = `# Who may do what

<!-- Generated: "npm run docs:permissions" writes what the routes really answer; test/e2e/permissions.e2e-spec.ts holds it. Look at the difference before you commit it. -->

Every route of the API and every kind of caller. Roles are those of a person in one tenant. A platform administrator is a person who
runs the installation and has no role in the tenant: they look at everything and let people and keys in, and have no authority over
money. The API key has the scope \`*\`; a key has what it was given, never more than its maker held. Routes without a scope are for
whoever is known; those marked *person* do not take API keys.

| route | scope | ${CALLERS.map((caller) => caller.replace('_', ' ')).join(' | ')} |
| --- | --- | ${CALLERS.map(() => ':-:').join(' | ')} |
`;

export function renderPermissions(permissions: readonly Permission[]): string {
  const rows = permissions.map(({ operation: { method, path, spec }, allowed }) => {
    const needs = spec['x-public']
      ? '*public*'
      : [
          ...(spec['x-scopes'] ?? []).map((scope) => `\`${scope}\``),
          ...(spec['x-without-tenant'] ? ['*person*'] : []),
        ].join(' ');
    return `| ${method} ${path.replace('/api/v1', '')} | ${needs} | ${CALLERS.map((caller) => (allowed.has(caller) ? '✓' : '')).join(' | ')} |\n`;
  });
  return `${HEAD}${rows.join('')}`;
}
