import { domainError } from '../../../../kernel/errors';

export class AlreadyMember extends domainError(
  'already_member',
  'conflict',
  'This user is already a member of the tenant.',
) {}

export class LastAdmin extends domainError(
  'last_admin',
  'conflict',
  'A tenant needs at least one active administrator.',
) {}
