import { Global, Module } from '@nestjs/common';
import { Authenticator } from '../../platform/access';
import { TenancyModule } from '../tenancy';
import { ApiKeys } from './access/application/api-keys.facade';
import { accessControllers, accessProviders } from './access/access.providers';
import { accountsControllers, accountsProviders } from './accounts/accounts.providers';
import { Users } from './members/application/users.facade';
import { membersControllers, membersProviders } from './members/members.providers';

/**
 * Three parts, each with its own reason to change; a part may import the parts before it (ADR 0038). Global
 * only for its Authenticator: the platform authenticates every request with it and may import no module.
 */
@Global()
@Module({
  imports: [TenancyModule],
  controllers: [...accessControllers, ...accountsControllers, ...membersControllers],
  providers: [...accessProviders, ...accountsProviders, ...membersProviders],
  exports: [ApiKeys, Users, Authenticator],
})
export class IdentityModule {}
