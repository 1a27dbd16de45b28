import { nameOf, systemActor } from './actor';

describe('who caused something', () => {
  it('is named by kind and id, and the installation by what of it acted', () => {
    expect(nameOf({ kind: 'api_key', id: 'k1', name: 'production', requestId: 'r', address: null })).toBe(
      'api_key:k1',
    );
    expect(nameOf(systemActor('worker'))).toBe('worker');
  });
});
