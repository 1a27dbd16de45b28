import { ArrayMinSize, ArrayUnique, IsIn, IsOptional, Matches, Max, Min, MinLength } from 'class-validator';
import { FromKey, list, proxies, wholeNumber, yesOrNo } from './keys';

export const ROLES = ['api', 'scheduler', 'worker'] as const;
export type Role = (typeof ROLES)[number];

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const DAY_MS = 86_400_000;
const POSTGRES_URL = /^postgres(?:ql)?:\/\/\S+$/;

/**
 * Every setting of a process. .env.example explains them; rules.ts checks them against each other.
 */
export class Environment {
  @FromKey('NODE_ENV')
  @IsIn(['development', 'test', 'production'])
  readonly nodeEnv: 'development' | 'test' | 'production' = 'development';

  @FromKey('PORT', wholeNumber)
  @Max(65_535)
  readonly port: number = 3000;

  @FromKey('HOST')
  @Matches(/^[\w.:-]+$/)
  readonly host: string = '127.0.0.1';

  @FromKey('TRUSTED_PROXIES', proxies)
  @IsOptional()
  readonly trustedProxies?: number | readonly string[];

  @FromKey('ROLES', list)
  @IsIn(ROLES, { each: true })
  @ArrayMinSize(1)
  @ArrayUnique()
  readonly roles: readonly Role[] = ROLES;

  @FromKey('DATABASE_URL')
  @Matches(POSTGRES_URL)
  readonly databaseUrl: string;

  @FromKey('DATABASE_SYSTEM_URL')
  @Matches(POSTGRES_URL)
  readonly databaseSystemUrl: string;

  @FromKey('DATABASE_OWNER_URL')
  @IsOptional()
  @Matches(POSTGRES_URL)
  readonly databaseOwnerUrl?: string;

  @FromKey('DATABASE_POOL_MAX', wholeNumber)
  @Min(2)
  @Max(200)
  readonly databasePoolMax: number = 10;

  @FromKey('REDIS_URL')
  @IsOptional()
  @Matches(/^rediss?:\/\/\S+$/)
  readonly redisUrl?: string;

  @FromKey('DATA_DIR')
  @MinLength(1)
  readonly dataDir: string = '.disburse';

  @FromKey('STRIPE_SECRET_KEY')
  @IsOptional()
  @Matches(/^(?:sk|rk)_[A-Za-z0-9_]+$/)
  readonly stripeSecretKey?: string;

  @FromKey('STRIPE_API_BASE')
  @IsOptional()
  @Matches(/^https?:\/\/[\w.-]+(?::\d+)?$/)
  readonly stripeApiBase?: string;

  /** `id:base64,…`: 32 bytes each, the first seals, all open. */
  @FromKey('ENCRYPTION_KEYS')
  @Matches(/^[a-z0-9-]{1,16}:[A-Za-z0-9+/]{43}=(?:,[a-z0-9-]{1,16}:[A-Za-z0-9+/]{43}=)*$/)
  readonly encryptionKeys: string;

  @FromKey('CURSOR_SECRET')
  @MinLength(32)
  readonly cursorSecret: string;

  /** `id:base64,…`: 32 bytes each, the first signs access tokens, all verify. */
  @FromKey('TOKEN_KEYS')
  @Matches(/^[a-z0-9-]{1,16}:[A-Za-z0-9+/]{43}=(?:,[a-z0-9-]{1,16}:[A-Za-z0-9+/]{43}=)*$/)
  readonly tokenKeys: string;

  @FromKey('ACCESS_TOKEN_TTL_S', wholeNumber)
  @Min(60)
  @Max(900)
  readonly accessTokenTtlS: number = 600;

  @FromKey('SESSION_COOKIE_SECURE', yesOrNo)
  @IsOptional()
  readonly sessionCookieSecure?: boolean;

  @FromKey('LOGIN_TRIES_MAX', wholeNumber)
  @Min(1)
  @Max(10_000)
  readonly loginTriesMax: number = 5;

  @FromKey('LOG_LEVEL')
  @IsIn(LOG_LEVELS)
  readonly logLevel: LogLevel = 'info';

  @FromKey('METRICS_TOKEN')
  @IsOptional()
  @MinLength(16)
  readonly metricsToken?: string;

  @FromKey('BODY_LIMIT_BYTES', wholeNumber)
  @Min(1_024)
  @Max(67_108_864)
  readonly bodyLimitBytes: number = 1_048_576;

  @FromKey('API_KEY_RATE_PER_SECOND', wholeNumber)
  @Min(1)
  @Max(1_000_000)
  readonly apiKeyRatePerSecond: number = 5_000;

  @FromKey('API_KEY_BURST', wholeNumber)
  @Min(1)
  @Max(1_000_000)
  readonly apiKeyBurst: number = 10_000;

  @FromKey('TENANT_RATE_PER_SECOND', wholeNumber)
  @Min(1)
  @Max(1_000_000)
  readonly tenantRatePerSecond: number = 10_000;

  @FromKey('TENANT_BURST', wholeNumber)
  @Min(1)
  @Max(1_000_000)
  readonly tenantBurst: number = 20_000;

  @FromKey('AUTH_FAILURES_PER_MINUTE', wholeNumber)
  @Min(1)
  @Max(1_000_000)
  readonly authFailuresPerMinute: number = 300;

  @FromKey('AUTH_REQUESTS_PER_MINUTE', wholeNumber)
  @Min(1)
  @Max(1_000_000)
  readonly authRequestsPerMinute: number = 300;

  @FromKey('SETTLEMENT_EXPAND_EVERY_MS', wholeNumber)
  @Min(100)
  @Max(DAY_MS)
  readonly settlementExpandEveryMs: number = 300_000;

  @FromKey('SETTLEMENT_JOBS_BATCH', wholeNumber)
  @Min(1)
  @Max(1_000)
  readonly settlementJobsBatch: number = 10;

  @FromKey('EXPAND_CHUNK', wholeNumber)
  @Min(1)
  @Max(10_000)
  readonly expandChunk: number = 5_000;

  @FromKey('TRANSFER_SWEEP_EVERY_MS', wholeNumber)
  @Min(100)
  @Max(3_600_000)
  readonly transferSweepEveryMs: number = 30_000;

  @FromKey('TRANSFER_CALL_DEADLINE_MS', wholeNumber)
  @Min(100)
  @Max(120_000)
  readonly transferCallDeadlineMs: number = 30_000;

  @FromKey('TRANSFER_LEASE_MS', wholeNumber)
  @Min(1_000)
  @Max(3_600_000)
  readonly transferLeaseMs: number = 75_000;

  @FromKey('TRANSFER_SAFE_WINDOW_MS', wholeNumber)
  @Min(1_000)
  readonly transferSafeWindowMs: number = 43_200_000;

  @FromKey('TRANSFER_QUARANTINE_MS', wholeNumber)
  @Min(0)
  @Max(DAY_MS)
  readonly transferQuarantineMs: number = 600_000;

  @FromKey('TRANSFER_PACE_PER_SECOND', wholeNumber)
  @Min(1)
  @Max(10_000)
  readonly transferPacePerSecond: number = 20;

  @FromKey('TRANSFER_BATCH', wholeNumber)
  @Min(1)
  @Max(500)
  readonly transferBatch: number = 50;

  @FromKey('TRANSFER_CONCURRENCY', wholeNumber)
  @Min(1)
  @Max(500)
  readonly transferConcurrency: number = 25;

  @FromKey('WORKERS_MAX', wholeNumber)
  @Min(1)
  @Max(1_000)
  readonly workersMax: number = 4;

  @FromKey('FUNDING_POLL_EVERY_MS', wholeNumber)
  @Min(100)
  @Max(DAY_MS)
  readonly fundingPollEveryMs: number = 300_000;

  @FromKey('OUTBOX_POLL_MS', wholeNumber)
  @Min(10)
  @Max(60_000)
  readonly outboxPollMs: number = 500;

  /** Browsers keep a Secure cookie only over TLS, which production has and a first start at home has not. */
  get secureCookies(): boolean {
    return this.sessionCookieSecure ?? this.isProduction;
  }

  get isProduction(): boolean {
    return this.nodeEnv === 'production';
  }

  has(role: Role): boolean {
    return this.roles.includes(role);
  }
}
