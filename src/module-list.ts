import { connections } from './modules/connections';
import { identity } from './modules/identity';
import { ledger } from './modules/ledger';
import { operations } from './modules/operations';
import { payouts } from './modules/payouts';
import { recipients } from './modules/recipients';
import { settlements } from './modules/settlements';
import { tenancy } from './modules/tenancy';
import { transfers } from './modules/transfers';
import { combineModules } from './platform/module';
import { platform } from './platform/platform.definition';

/** Every module of the program. A new module goes to its place in the order of ARCHITECTURE.md. */
export const modules = combineModules([
  platform,
  tenancy,
  identity,
  ledger,
  connections,
  recipients,
  transfers,
  payouts,
  settlements,
  operations,
]);
