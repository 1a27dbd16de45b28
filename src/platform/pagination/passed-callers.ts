import { Injectable } from '@nestjs/common';
import type { Principal } from '../../kernel/principal';

/** More and longer ones than anybody needs while an answer about a key stands; who does goes the long way. */
const ADDRESSES_MAX = 50;
const LENGTH_MAX = 500;

/**
 * To which kept pages a key was let in by all guards of their routes, as long as the same answer about the
 * key stands.
 */
@Injectable()
export class PassedCallers {
  private readonly addresses = new WeakMap<Principal, Set<string>>();

  note(principal: Principal, address: string): void {
    if (principal.kind !== 'api_key' || address.length > LENGTH_MAX) return;
    const passed = this.addresses.get(principal) ?? new Set();
    if (passed.size < ADDRESSES_MAX) this.addresses.set(principal, passed.add(address));
  }

  has(principal: Principal, address: string): boolean {
    return this.addresses.get(principal)?.has(address) ?? false;
  }
}
