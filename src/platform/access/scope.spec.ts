import { grants } from './scope';

describe('granted scopes', () => {
  it.each([
    [['settlements:write'], 'settlements:write'],
    [['settlements:*'], 'settlements:write'],
    [['*:write'], 'settlements:write'],
    [['*'], 'settlements:write'],
    [['a:b', 'settlements:write'], 'settlements:write'],
  ])('%j grant %s', (granted, wanted) => expect(grants(granted, wanted)).toBe(true));

  it.each([
    [[], 'settlements:write'],
    [['settlements:read'], 'settlements:write'],
    [['settlement:write'], 'settlements:write'],
    [['settlements'], 'settlements:write'],
    [['settlements:write:more'], 'settlements:writer'],
    [['**'], 'settlements:write'],
    [[''], 'settlements:write'],
  ])('%j do not grant %s', (granted, wanted) => expect(grants(granted, wanted)).toBe(false));
});
