import { type DynamicModule, Module } from '@nestjs/common';
import { DeclaredScopes } from './combine-modules';

/** Provides what the modules declare to the module that decides over access. */
@Module({})
export class DeclaredScopesModule {
  static forRoot(scopes: DeclaredScopes): DynamicModule {
    return {
      module: DeclaredScopesModule,
      global: true,
      providers: [{ provide: DeclaredScopes, useValue: scopes }],
      exports: [DeclaredScopes],
    };
  }
}
