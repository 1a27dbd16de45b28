import { combineModules } from './combine-modules';
import { defineModule } from './define-module';

const wires = defineModule({
  name: 'wires',
  queues: ['wires'],
  scopes: { 'wires:write': ['operator'], 'wires:read': ['operator', 'analyst'] },
  events: [{ name: 'wire.sent' }],
  auditedRoutes: { 'POST /wires': ['wire.sent'] },
});
const gifts = defineModule({
  name: 'gifts',
  scopes: { 'gifts:read': [] },
  platformScopes: ['gift_lists:write'],
  unauditedRoutes: { 'POST /gifts/preview': 'writes nothing' },
});

describe('combineModules', () => {
  it('collects what the modules declare, queues and migrations in the order of the list', () => {
    const combined = combineModules([wires, gifts]);
    expect([...combined.scopes.ofTenants]).toEqual([
      ['gifts:read', []],
      ['wires:read', ['operator', 'analyst']],
      ['wires:write', ['operator']],
    ]);
    expect(combined).toMatchObject({
      queues: ['wires'],
      events: ['wire.sent'],
      scopes: { ofPlatform: ['gift_lists:write'] },
      auditedRoutes: { 'POST /wires': ['wire.sent'] },
      unauditedRoutes: { 'POST /gifts/preview': 'writes nothing' },
    });
  });

  it.each([
    ['a module', { name: 'wires' }, 'The module wires is declared twice'],
    ['a scope', { name: 'other', scopes: { 'wires:read': [] } }, 'The scope wires:read is declared twice'],
    ['an event', { name: 'other', events: [{ name: 'wire.sent' }] }, 'The event wire.sent is declared twice'],
    [
      'a queue',
      { name: 'other', queues: ['wires'] },
      'The queue wires is declared twice: by wires and by other',
    ],
    ['a route', { name: 'other', auditedRoutes: { 'POST /wires': [] } }, 'The audited route POST /wires'],
  ] as const)('rejects %s that two modules declare', (_what, other, message) => {
    expect(() => combineModules([wires, other])).toThrow(message);
  });

  it('rejects a scope that is declared for tenants and for the platform', () => {
    const other = defineModule({ name: 'other', platformScopes: ['wires:read'] });
    expect(() => combineModules([wires, other])).toThrow('for tenants and for the platform');
  });

  it.each(['wires', 'Wires:read', 'wires:*', 'wires:read:all'])('rejects the scope %s', (scope) => {
    expect(() => combineModules([{ name: 'other', scopes: { [scope]: [] } }])).toThrow('not resource:action');
  });
});
