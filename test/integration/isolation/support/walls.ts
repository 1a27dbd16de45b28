import { APP, OWNER, SYSTEM } from '../../../../src/platform/database';
import { tenantColumnOf, tenantTables, type Catalogue, type Table } from './catalogue';

/** What may differ from the rule, with the reason; a line that nothing needs any more is a fault as well. */
export type Exceptions = Readonly<Record<string, string>>;

/** A rule about the catalogue: answers `subject: what is wrong`. */
export type Wall = (catalogue: Catalogue) => string[];

const all = (catalogue: Catalogue, faults: (table: Table, tenant: string) => (string | false)[]): string[] =>
  tenantTables(catalogue).flatMap((table) =>
    faults(table, tenantColumnOf(table) as string).filter((fault) => fault !== false),
  );

const own = (tenant: string) =>
  `(${tenant} = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)`;

/**
 * Nothing that is counted, said or kept of a tenant's business: what finds work needs to know where it is and
 * when it is due.
 */
const NOT_A_ROUTE =
  /amount|minor|balance|currency|name|mail|payload|body|secret|hash|(?:^|_)key|reason|reference|metadata|number|country|actor|prefix|destination|frozen|location|fingerprint|scopes|answer|content/;

/** Found by what it forbids: a table that nobody may change is one of facts. */
function isFacts(table: Table): boolean {
  return (
    table.appMay.includes('INSERT') &&
    !table.appMay.includes('UPDATE') &&
    !table.appMay.includes('DELETE') &&
    !table.columns.some((column) => column.updatable)
  );
}

export const WALLS = {
  'every table belongs to tenants': ({ tables }) =>
    tables
      .filter((table) => table.kind === 'table' && tenantColumnOf(table) === null)
      .flatMap((table) => [
        `${table.name}: has no tenant`,
        ...(table.appReads || table.appMay.length
          ? [`${table.name} (application): all tenants meet in it`]
          : []),
      ]),

  'row-level security is on, for the owner too': (catalogue) =>
    all(catalogue, (table) => [
      !table.rls && `${table.name}: row-level security is off`,
      !table.forced && `${table.name}: the owner is not held`,
    ]),

  'a tenant is always there': (catalogue) =>
    all(catalogue, (table, tenant) =>
      table.columns.map(
        (column) =>
          column.name === tenant &&
          !(column.notNull && column.type === 'uuid') &&
          `${table.name}: ${tenant} may be missing`,
      ),
    ),

  'the application reads and writes the rows of its tenant': (catalogue) =>
    all(catalogue, (table, tenant) => {
      const mine = table.policies.filter(
        (policy) => policy.roles.includes(APP) || policy.roles.includes('public'),
      );
      const right = mine.filter(
        (p) =>
          p.command === 'ALL' &&
          p.permissive === 'PERMISSIVE' &&
          p.using === own(tenant) &&
          p.check === own(tenant),
      );
      return [
        !(mine.length === 1 && right.length === 1) &&
          `${table.name}: policies of the application are ${mine.map((p) => `${p.name} ${p.command} ${p.using} / ${p.check}`).join('; ') || 'missing'}`,
      ];
    }),

  'nobody else has a way in': (catalogue) =>
    all(catalogue, (table) =>
      table.policies.map((policy) => {
        const known =
          policy.roles.join() === APP ||
          policy.roles.join() === OWNER ||
          (policy.roles.join() === SYSTEM && policy.command === 'SELECT');
        return !known && `${table.name}/${policy.name}: is for ${policy.command} by ${policy.roles.join()}`;
      }),
    ),

  'keys begin with the tenant': (catalogue) =>
    all(catalogue, (table, tenant) => [
      !table.uniques.some((unique) => unique.primary) && `${table.name}: has no primary key`,
      ...table.uniques.map(
        (unique) => unique.first !== tenant && `${unique.name}: is unique over all tenants`,
      ),
    ]),

  'references carry the tenant and stay in their schema': (catalogue) =>
    all(catalogue, (table, tenant) =>
      table.references.flatMap((reference) => [
        !(reference.columns[0] === tenant && reference.targetColumns[0] === 'tenant_id') &&
          `${table.name}.${reference.name}: could lead to another tenant's row`,
        reference.target.split('.')[0] !== table.name.split('.')[0] &&
          `${table.name}.${reference.name}: leads to another module's table`,
      ]),
    ),

  'views ask with the rights of whoever looks': ({ tables }) =>
    tables
      .filter((table) => table.kind === 'view' && !table.options.includes('security_invoker=true'))
      .map((view) => `${view.name}: is no security_invoker`),

  'the owner owns everything': ({ tables, functions, strangers }) => [
    ...[...tables, ...functions]
      .filter(({ owner }) => owner !== OWNER)
      .map(({ name, owner }) => `${name}: belongs to ${owner}`),
    ...strangers.map((name) => `${name}: does not belong to ${OWNER}`),
  ],

  'no login is mighty': ({ logins }) => [
    ...logins.flatMap(({ name, powers }) => powers.map((power) => `${name}: ${power}`)),
    ...[OWNER, APP, SYSTEM]
      .filter((name) => !logins.some((login) => login.name === name))
      .map((name) => `${name}: is missing`),
  ],

  'no login empties a table or hangs something on it': ({ tables }) =>
    tables.flatMap((table) =>
      [...table.appMay, ...table.systemMay]
        .filter((right) => ['TRUNCATE', 'REFERENCES', 'TRIGGER'].includes(right))
        .map((right) => `${table.name}: ${right} is granted`),
    ),

  'facts stay as they were written': (catalogue) =>
    all(catalogue, (table) => {
      const guarded =
        table.triggers.includes('append_only') && table.triggers.includes('append_only_truncate');
      const open = table.triggers.includes('append_only') && !isFacts(table);
      return [
        isFacts(table) && !guarded && `${table.name}: is for inserts only and has no trigger that says so`,
        open && `${table.name}: is append-only and may be changed`,
      ];
    }),

  'the system sees routes only': (catalogue) =>
    all(catalogue, (table) => [
      ...table.columns
        .filter((column) => column.systemReads && NOT_A_ROUTE.test(column.name))
        .map((column) => `${table.name}.${column.name}: is read by the system`),
      ...table.columns
        .filter((column) => column.systemWrites)
        .map((column) => `${table.name}.${column.name} UPDATE: is granted to the system`),
      ...table.systemMay
        .filter((right) => right !== 'UPDATE')
        .map((right) => `${table.name} ${right}: is granted to the system`),
    ]),

  'functions of the owner answer who, and nothing else': ({ functions }) =>
    functions
      .filter((called) => called.definer)
      .flatMap((called) => [
        ...(called.open ? [`${called.name}: may be called by everybody`] : []),
        ...(called.settings.some((setting) => setting.startsWith('search_path='))
          ? []
          : [`${called.name}: has no search_path of its own`]),
        ...(called.answers.length > 0 &&
        called.answers.every((answer) => answer === 'tenant_id' || answer === 'id')
          ? []
          : [`${called.name}: answers ${called.answers.join(', ') || 'a value'}`]),
      ]),
} satisfies Record<string, Wall>;

export type WallName = keyof typeof WALLS;

/** Faults but the excepted ones, and exceptions that excuse nothing. */
export function faultsOf(name: WallName, catalogue: Catalogue, exceptions: Exceptions): string[] {
  const faults = WALLS[name](catalogue);
  const subject = (fault: string) => fault.slice(0, fault.indexOf(':'));
  const excuses = Object.keys(exceptions);
  return [
    ...faults.filter((fault) => !excuses.includes(subject(fault))),
    ...excuses
      .filter((excused) => !faults.some((fault) => subject(fault) === excused))
      .map((excused) => `${excused}: needs no exception`),
  ];
}
