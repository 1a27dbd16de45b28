import { SignInStore } from '../access/application/ports';
import { ChangePassword } from './application/change-password';
import { CheckPassword } from './application/check-password';
import { CreateUser } from './application/create-user';
import { EndSession } from './application/end-session';
import { EndTokenFamily } from './application/end-token-family';
import { IssueTokens } from './application/issue-tokens';
import { ListUsers } from './application/list-users.query';
import { LoginLimits } from './application/login-limits';
import { OneTimeTokens } from './application/one-time-tokens';
import { OpenSession } from './application/open-session';
import {
  OneTimeTokenStore,
  PasswordHasher,
  RefreshTokenStore,
  SessionStore,
  UserStore,
} from './application/ports';
import { RefreshTokens } from './application/refresh-tokens';
import { ReplacePassword } from './application/replace-password';
import { RequestPasswordReset } from './application/request-password-reset';
import { RequesterCheck } from './application/requester-check';
import { ResetPassword } from './application/reset-password';
import { UpdateAccountFlags } from './application/update-account-flags';
import { Argon2PasswordHasher } from './infrastructure/crypto/argon2-password-hasher';
import { AuthController } from './infrastructure/http/auth.controller';
import { PlatformUsersController } from './infrastructure/http/platform-users.controller';
import { TokensController } from './infrastructure/http/tokens.controller';
import { PostgresOneTimeTokenStore } from './infrastructure/persistence/postgres-one-time-token-store';
import { PostgresRefreshTokenStore } from './infrastructure/persistence/postgres-refresh-token-store';
import { PostgresSessionStore } from './infrastructure/persistence/postgres-session-store';
import { PostgresSignInStore } from './infrastructure/persistence/postgres-sign-in-store';
import { PostgresUserStore } from './infrastructure/persistence/postgres-user-store';

export const accountsControllers = [AuthController, TokensController, PlatformUsersController];

/** How a user signs in: passwords, sessions, tokens, resets, and the flags of the account. */
export const accountsProviders = [
  CreateUser,
  ListUsers,
  UpdateAccountFlags,
  CheckPassword,
  LoginLimits,
  ChangePassword,
  ReplacePassword,
  RequestPasswordReset,
  ResetPassword,
  OneTimeTokens,
  RequesterCheck,
  OpenSession,
  EndSession,
  IssueTokens,
  RefreshTokens,
  EndTokenFamily,
  { provide: UserStore, useClass: PostgresUserStore },
  { provide: OneTimeTokenStore, useClass: PostgresOneTimeTokenStore },
  { provide: SessionStore, useClass: PostgresSessionStore },
  { provide: RefreshTokenStore, useClass: PostgresRefreshTokenStore },
  { provide: SignInStore, useClass: PostgresSignInStore },
  { provide: PasswordHasher, useClass: Argon2PasswordHasher },
];
