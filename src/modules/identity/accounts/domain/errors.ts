import { domainError } from '../../../../kernel/errors';

export class InvalidEmail extends domainError(
  'invalid_email',
  'invalid',
  'This is not an e-mail address, or it has invisible characters.',
) {}

export class InvalidUserName extends domainError(
  'invalid_name',
  'invalid',
  'The name of a user has 1 to 100 characters.',
) {}

export class WeakPassword extends domainError('weak_password', 'invalid') {}

/** One message for all causes, so that a caller who guesses tokens learns nothing. */
export class InvalidToken extends domainError(
  'invalid_token',
  'invalid',
  'This token is unknown, used or expired, or the password is wrong.',
) {}

export class UserUnknown extends domainError(
  'user_not_found',
  'not_found',
  'This user does not exist here.',
) {}

/** For the command line only: a tenant that invites a user must not learn this. */
export class UserDisabled extends domainError(
  'user_disabled',
  'conflict',
  'This user is disabled in the whole installation. A platform admin must enable the user first.',
) {}

export class LastPlatformAdmin extends domainError(
  'last_platform_admin',
  'conflict',
  'An installation needs at least one active platform admin with a password.',
) {}

export class ResetNotYours extends domainError(
  'reset_not_yours',
  'forbidden',
  'You cannot reset this password: the user belongs to another tenant too, has not accepted the invitation to ' +
    'yours, or is a platform admin.',
) {}
