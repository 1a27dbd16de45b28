'use strict';

/**
 * Loaded before dist/main.js: the same program, with one fixed caller instead of the checks of AccessHook. What is left
 * is what the routes cost without authentication, tenant resolution, access epoch and limits. Production has no such
 * switch.
 */
require('reflect-metadata');
const { AccessHook } = require('../../dist/platform/access/access.hook.js');

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

AccessHook.prototype.check = async (request) => {
  request.principal = principal;
};
