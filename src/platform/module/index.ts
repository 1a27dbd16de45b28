export { DeclaredScopesModule } from './declared-scopes.module';
export { combineModules, type CombinedModules, DeclaredScopes } from './combine-modules';
export { defineModule, type ModuleDefinition } from './define-module';
