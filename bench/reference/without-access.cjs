'use strict';

/**
 * Loaded before dist/main.js: the same program, but everybody is let in as one and the same caller, unasked
 * and unlimited. What is left is what the routes cost without authentication, tenant resolution, access epoch
 * and limits. Production knows no such switch.
 */
require('reflect-metadata');
const { AuthenticationGuard } = require('../../dist/platform/access/authentication.guard.js');
const { RateLimitGuard } = require('../../dist/platform/rate-limit/rate-limit.guard.js');

const { TENANT, KEY } = process.env;
const principal = Object.freeze({
  tenantId: TENANT,
  kind: 'api_key',
  id: KEY,
  name: 'bench',
  scopes: ['*'],
  actorChain: [KEY],
  since: null,
  accessEpoch: undefined,
});

AuthenticationGuard.prototype.canActivate = (context) => {
  context.switchToHttp().getRequest().principal = principal;
  return true;
};
RateLimitGuard.prototype.canActivate = () => true;
