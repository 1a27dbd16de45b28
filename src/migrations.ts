import type { SqlMigration } from './platform/database';
import { AccountOpenings1763740012000 } from './modules/recipients/infrastructure/persistence/migrations/1763740012000-account-openings';
import { Connections1763700013000 } from './modules/connections/infrastructure/persistence/migrations/1763700013000-connections';
import { People1763720010000 } from './modules/identity/infrastructure/persistence/migrations/1763720010000-people';
import { AskedBy1763730040000 } from './modules/identity/infrastructure/persistence/migrations/1763730040000-asked-by';
import { Askers1763760010000 } from './modules/identity/infrastructure/persistence/migrations/1763760010000-askers';
import { InvitationsTakenInside1763760010002 } from './modules/identity/infrastructure/persistence/migrations/1763760010002-invitations-taken-inside';
import { ShutOutTakeNoInvitation1763760040002 } from './modules/identity/infrastructure/persistence/migrations/1763760040002-shut-out-take-no-invitation';
import { Identity1763711000000 } from './modules/identity/infrastructure/persistence/migrations/1763711000000-identity';
import { ApiKeyRotation1763720021000 } from './modules/identity/infrastructure/persistence/migrations/1763720021000-api-key-rotation';
import { MembersSince1763730033000 } from './modules/identity/infrastructure/persistence/migrations/1763730033000-members-since';
import { TenantsOfKeysBehind1763730032000 } from './modules/identity/infrastructure/persistence/migrations/1763730032000-tenants-of-keys-behind';
import { RightsOnPeople1763730020000 } from './modules/identity/infrastructure/persistence/migrations/1763730020000-rights-on-people';
import { InstallationLog1763730043000 } from './modules/identity/infrastructure/persistence/migrations/1763730043000-installation-log';
import { KeysEndWithAPerson1763730044000 } from './modules/identity/infrastructure/persistence/migrations/1763730044000-keys-end-with-a-person';
import { LivingKeys1763760020000 } from './modules/identity/infrastructure/persistence/migrations/1763760020000-living-keys';
import { LedgerJournal1763700012000 } from './modules/ledger/infrastructure/persistence/migrations/1763700012000-ledger-journal';
import { LedgerPostingsAtOnce1763720050000 } from './modules/ledger/infrastructure/persistence/migrations/1763720050000-ledger-postings-at-once';
import { PostingsPlannedOnce1763760040000 } from './modules/ledger/infrastructure/persistence/migrations/1763760040000-postings-planned-once';
import { Payouts1763740000000 } from './modules/payouts/infrastructure/persistence/migrations/1763740000000-payouts';
import { PayoutsByRailAndCurrency1763750010000 } from './modules/payouts/infrastructure/persistence/migrations/1763750010000-payouts-by-rail-and-currency';
import { PaymentMethods1763740010000 } from './modules/recipients/infrastructure/persistence/migrations/1763740010000-payment-methods';
import { RecipientSearch1763740011000 } from './modules/recipients/infrastructure/persistence/migrations/1763740011000-recipient-search';
import { Recipients1763700014000 } from './modules/recipients/infrastructure/persistence/migrations/1763700014000-recipients';
import { Settlements1763700016000 } from './modules/settlements/infrastructure/persistence/migrations/1763700016000-settlements';
import { SettlementApproval1763720040000 } from './modules/settlements/infrastructure/persistence/migrations/1763720040000-settlement-approval';
import { PayoutJobsAsTheSystem1763730022000 } from './modules/settlements/infrastructure/persistence/migrations/1763730022000-payout-jobs-as-the-system';
import { TenantsBySlug1763720010001 } from './modules/tenancy/infrastructure/persistence/migrations/1763720010001-tenants-by-slug';
import { Tenancy1763710000000 } from './modules/tenancy/infrastructure/persistence/migrations/1763710000000-tenancy';
import { TenantsByName1763760020002 } from './modules/tenancy/infrastructure/persistence/migrations/1763760020002-tenants-by-name';
import { ApprovalLimits1763720030000 } from './modules/tenancy/infrastructure/persistence/migrations/1763720030000-approval-limits';
import { TenantsListed1763730030000 } from './modules/tenancy/infrastructure/persistence/migrations/1763730030000-tenants-listed';
import { BrandingAndFeatures1763720060000 } from './modules/tenancy/infrastructure/persistence/migrations/1763720060000-branding-and-features';
import { OriginEnded1763760000000 } from './modules/transfers/infrastructure/persistence/migrations/1763760000000-origin-ended';
import { Transfers1763700015000 } from './modules/transfers/infrastructure/persistence/migrations/1763700015000-transfers';
import { TransfersAsTheSystem1763730021000 } from './modules/transfers/infrastructure/persistence/migrations/1763730021000-transfers-as-the-system';
import { AuditLog1763720000000 } from './platform/audit/migrations/1763720000000-audit-log';
import { SystemTellsOfPeople1763730042000 } from './platform/audit/migrations/1763730042000-system-tells-of-people';
import { AccessEpochs1763720020000 } from './platform/database/migrations/1763720020000-access-epochs';
import { AccessEpochsHeld1763730031000 } from './platform/database/migrations/1763730031000-access-epochs-held';
import { SystemRaisesEpochs1763730041000 } from './platform/database/migrations/1763730041000-system-raises-epochs';
import { EpochsOnlyRise1763760020001 } from './platform/database/migrations/1763760020001-epochs-only-rise';
import { InstallationEpoch1763760010001 } from './platform/database/migrations/1763760010001-installation-epoch';
import { InstallationEpochInTurn1763760040001 } from './platform/database/migrations/1763760040001-installation-epoch-in-turn';
import { PlatformGround1763700000000 } from './platform/database/migrations/1763700000000-platform-ground';
import { IdempotencyKeys1763700001000 } from './platform/http/migrations/1763700001000-idempotency-keys';
import { Outbox1763700002000 } from './platform/outbox/migrations/1763700002000-outbox';
import { FailuresAsTheSystem1763730024000 } from './platform/outbox/migrations/1763730024000-failures-as-the-system';
import { ScheduledRuns1763700003000 } from './platform/schedule/migrations/1763700003000-scheduled-runs';
import { ScheduledRunsAsTheSystem1763730025000 } from './platform/schedule/migrations/1763730025000-scheduled-runs-as-the-system';

/** Every module's migrations, in the order in which they run. Part of the composition root, beside app.module.ts. */
export const migrations: (new () => SqlMigration)[] = [
  PlatformGround1763700000000,
  IdempotencyKeys1763700001000,
  Outbox1763700002000,
  ScheduledRuns1763700003000,
  LedgerJournal1763700012000,
  Connections1763700013000,
  Recipients1763700014000,
  Transfers1763700015000,
  Settlements1763700016000,
  Tenancy1763710000000,
  Identity1763711000000,
  AuditLog1763720000000,
  People1763720010000,
  TenantsBySlug1763720010001,
  AccessEpochs1763720020000,
  ApiKeyRotation1763720021000,
  ApprovalLimits1763720030000,
  SettlementApproval1763720040000,
  LedgerPostingsAtOnce1763720050000,
  BrandingAndFeatures1763720060000,
  RightsOnPeople1763730020000,
  TransfersAsTheSystem1763730021000,
  PayoutJobsAsTheSystem1763730022000,
  FailuresAsTheSystem1763730024000,
  ScheduledRunsAsTheSystem1763730025000,
  TenantsListed1763730030000,
  AccessEpochsHeld1763730031000,
  TenantsOfKeysBehind1763730032000,
  MembersSince1763730033000,
  AskedBy1763730040000,
  SystemRaisesEpochs1763730041000,
  SystemTellsOfPeople1763730042000,
  InstallationLog1763730043000,
  KeysEndWithAPerson1763730044000,
  Payouts1763740000000,
  PaymentMethods1763740010000,
  RecipientSearch1763740011000,
  AccountOpenings1763740012000,
  PayoutsByRailAndCurrency1763750010000,
  OriginEnded1763760000000,
  Askers1763760010000,
  InstallationEpoch1763760010001,
  InvitationsTakenInside1763760010002,
  LivingKeys1763760020000,
  EpochsOnlyRise1763760020001,
  TenantsByName1763760020002,
  PostingsPlannedOnce1763760040000,
  InstallationEpochInTurn1763760040001,
  ShutOutTakeNoInvitation1763760040002,
];
