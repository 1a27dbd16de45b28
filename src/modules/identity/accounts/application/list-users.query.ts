import { Injectable } from '@nestjs/common';
import type { PageWindow } from '../../../../kernel/page-window';
import { UnitOfWork } from '../../../../kernel/tx';
import { foldedEmail } from '../domain/email';
import { type ListedUser, UserStore } from './ports';

/** The users of the installation, newest first. */
@Injectable()
export class ListUsers {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly users: UserStore,
  ) {}

  execute(
    filters: { email: string | undefined; isPlatformAdmin: boolean | undefined },
    window: PageWindow,
  ): Promise<ListedUser[]> {
    const emailFolded = filters.email === undefined ? undefined : foldedEmail(filters.email);
    return this.uow.runAcrossTenants((tx) =>
      this.users.list(tx, { emailFolded, isPlatformAdmin: filters.isPlatformAdmin }, window),
    );
  }
}
