import { modules } from '../../src/module-list';
import { DeclaredScopesModule } from '../../src/platform/module';
import { type DynamicModule, Module } from '@nestjs/common';
import { AuditModule } from '../../src/platform/audit';
import { Cache, InProcessCache, InProcessTokenBucket, TokenBucket } from '../../src/platform/cache';
import { Environment } from '../../src/platform/config';

/** The settings of identity in tests. */
export const IDENTITY_TESTED: Partial<Environment> = {
  tokenKeys: `t:${Buffer.alloc(32, 9).toString('base64')}`,
  loginTriesMax: 1_000,
};

/**
 * What identity needs besides the database when no whole application runs: a process of its own, without Redis.
 */
@Module({})
export class IdentityFixture {
  static with(environment: Environment | null = null): DynamicModule {
    const own = { provide: Environment, useValue: Object.assign(new Environment(), IDENTITY_TESTED) };
    const providers = [
      { provide: Cache, useValue: new InProcessCache() },
      { provide: TokenBucket, useValue: new InProcessTokenBucket(1) },
      ...(environment ? [] : [own]),
    ];
    return {
      module: IdentityFixture,
      global: true,
      imports: [AuditModule],
      providers,
      exports: [Cache, TokenBucket, AuditModule, ...(environment ? [] : [Environment])],
    };
  }
}

/** What identity needs of the modules when a test composes it by hand. */
export const declaredScopes = DeclaredScopesModule.forRoot(modules.scopes);
