import { Injectable } from '@nestjs/common';
import { AccessChanged, AccessEpochs } from '../../../../kernel/access-epochs';
import { isUuid, tenantIdOf, type TenantId } from '../../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { type Credentials, TenantRequired } from '../../../../platform/access/ports';
import type { AuthenticatedUser, Principal } from '../../../../kernel/principal';
import { Tenancy } from '../../../tenancy';
import { TenantNotFound, TenantSuspended } from '../domain/errors';
import { activeMemberships, type Membership } from '../domain/membership';
import { isToken } from '../domain/opaque-token';
import { APPOINTS_ANYBODY, type Role } from '../domain/roles';
import { ScopeCatalogue } from '../domain/scope-catalogue';
import { hashOf } from '../domain/secret-hash';
import { type Admitted, PrincipalCache } from './principal-cache';
import { AccessTokens, type SignedInUser, SignInStore, UserMembershipStore } from './ports';

/** What slugs end in (see tenancy): a host that looks like this means a tenant; `api` or `www` does not. */
const SLUG = /^[a-z0-9-]+-[0-9a-f]{12}$/;

interface Inside {
  readonly person: SignedInUser;
  readonly memberships: readonly Membership[];
}

/** People, by session or access token, and the tenant they ask for. */
@Injectable()
export class PeopleAuthenticator {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly signIns: SignInStore,
    private readonly memberships: UserMembershipStore,
    private readonly access: AccessTokens,
    private readonly tenancy: Tenancy,
    private readonly principalCache: PrincipalCache,
    private readonly epochs: AccessEpochs,
    private readonly catalogue: ScopeCatalogue,
  ) {}

  async authenticate(credentials: Credentials): Promise<Principal | null> {
    const secret = credentials.session ?? credentials.accessToken;
    if (secret === undefined) return null;
    const key = [
      hashOf(secret).toString('base64'),
      credentials.tenantId ?? '',
      slugIn(credentials.host) ?? '',
    ].join(' ');
    const principal = await this.principalCache.get(key, () => this.load(credentials));
    // A read asks no epoch, and theirs reach into every tenant: they are looked up each time.
    if (principal?.scopes.includes(APPOINTS_ANYBODY)) this.principalCache.forget(principal);
    return principal;
  }

  /** Never from the cache: these routes are few, and what they do reaches far. */
  async person(credentials: Credentials): Promise<AuthenticatedUser | null> {
    const accessEpoch = await this.uow.runAcrossTenants((tx) => this.epochs.currentOfInstallation(tx));
    const inside = await this.inside(credentials);
    if (!inside) return null;
    const { userId, email, name, isPlatformAdmin, sessionId, familyId } = inside.person;
    return {
      userId,
      email,
      name,
      isPlatformAdmin,
      sessionId,
      familyId,
      scopes: isPlatformAdmin ? this.catalogue.ofPlatform : [],
      accessEpoch,
    };
  }

  private async load(credentials: Credentials): Promise<Admitted | null> {
    const first = await this.inside(credentials);
    if (!first) return null;
    const asked = await this.tenant(first, credentials);
    const { accessEpoch, status } = await this.uow.run(
      asked.tenantId,
      async (tx) => ({ accessEpoch: await this.epochs.current(tx), status: await this.tenancy.statusOf(tx) }),
      { readOnly: true },
    );
    if (status === null) throw new TenantNotFound();
    if (status === 'suspended') throw new TenantSuspended();
    // Once more, since the epoch is the tenant's and the tenant was only known from here: it must not vouch
    // for what ended before it was read.
    const inside = await this.inside(credentials);
    if (!inside) return null;
    const { tenantId, role, since, name } = await this.tenant(inside, credentials);
    if (tenantId !== asked.tenantId) throw new AccessChanged();
    const { userId, isPlatformAdmin } = inside.person;
    const scopes = this.catalogue.inTenant(role, isPlatformAdmin);
    return {
      principal: {
        tenantId,
        kind: 'user',
        id: userId,
        name,
        scopes,
        actorChain: [userId],
        since,
        accessEpoch,
      },
      forMs: null,
    };
  }

  private async inside({ session, accessToken }: Credentials): Promise<Inside | null> {
    if (session !== undefined)
      return isToken(session, 'ds')
        ? this.enter((tx) => this.signIns.resolveSession(tx, hashOf(session)))
        : null;
    const claims = accessToken === undefined ? null : await this.access.read(accessToken);
    if (!claims) return null;
    const inside = await this.enter((tx) => this.signIns.resolveFamily(tx, claims.familyId));
    return inside?.person.userId === claims.userId ? inside : null;
  }

  private enter(find: (tx: Tx) => Promise<SignedInUser | null>): Promise<Inside | null> {
    return this.uow.runAcrossTenants(async (tx) => {
      const person = await find(tx);
      return person && { person, memberships: await this.memberships.membershipsOf(tx, person.userId) };
    });
  }

  /** @throws TenantNotFound for one that is not there and one that is not theirs, alike */
  private async tenant(
    { person, memberships }: Inside,
    credentials: Credentials,
  ): Promise<{ tenantId: TenantId; role: Role | null; since: Date | null; name: string }> {
    const mine = activeMemberships(memberships);
    const asked = await this.asked(person, credentials);
    if (asked === null) {
      const [only, ...more] = mine;
      if (!only || more.length) throw new TenantRequired();
      return only;
    }
    const membership = mine.find(({ tenantId }) => tenantId === asked);
    if (!membership && !person.isPlatformAdmin) throw new TenantNotFound();
    return membership ?? { tenantId: asked, role: null, since: null, name: person.name };
  }

  /** The header, else what the token was made for, else the host; a token for one tenant opens no other. */
  private async asked(
    { chosenTenant }: SignedInUser,
    { tenantId, host }: Credentials,
  ): Promise<TenantId | null> {
    if (tenantId !== undefined) {
      const id = tenantId.toLowerCase();
      if (!isUuid(id) || (chosenTenant !== null && chosenTenant !== id)) throw new TenantNotFound();
      return tenantIdOf(id);
    }
    if (chosenTenant !== null) return tenantIdOf(chosenTenant);
    const slug = slugIn(host);
    if (slug === null) return null;
    const found = await this.tenancy.bySlug(slug);
    if (!found) throw new TenantNotFound();
    return found;
  }
}

function slugIn(host: string | undefined): string | null {
  const [label = '', ...rest] = (host ?? '').toLowerCase().replace(/:\d+$/, '').split('.');
  return rest.length >= 2 && SLUG.test(label) ? label : null;
}
