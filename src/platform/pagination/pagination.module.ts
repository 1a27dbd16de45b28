import { Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import { CursorCodec } from './cursor-codec';
import { Pages } from './pages';

export interface PaginationSecrets {
  /** At least 32 bytes; the same in every process, or a cursor of one process is invalid in the next. */
  readonly cursorSecret: string;
}

@Module({})
export class PaginationModule {
  static register(secrets: Pick<FactoryProvider<PaginationSecrets>, 'useFactory' | 'inject'>): DynamicModule {
    const cursors: FactoryProvider<CursorCodec> = {
      provide: CursorCodec,
      inject: secrets.inject ?? [],
      useFactory: async (...parts: unknown[]) =>
        new CursorCodec((await secrets.useFactory(...parts)).cursorSecret),
    };
    return {
      module: PaginationModule,
      global: true,
      providers: [cursors, Pages],
      exports: [CursorCodec, Pages],
    };
  }
}
