import { Global, Module } from '@nestjs/common';
import { Log } from '../../../src/platform/logging';
import { Metrics } from '../../../src/platform/metrics';
import { QuietLog } from './quiet-log';

const KEY = 'k1:q1r0v8gGJ1kXk0cYtqV4yq9mXyU2l3C5d7Zr0a1b2c4=';

/** What every part of the platform is given: a log that can be read, figures of its own. */
@Global()
@Module({ providers: [{ provide: Log, useClass: QuietLog }, Metrics], exports: [Log, Metrics] })
export class PlatformStubs {
  /** Enough for an environment that reads nothing from the disk. */
  static variables(): Record<string, string> {
    return {
      NODE_ENV: 'test',
      DATABASE_URL: 'postgres://app:9fKq2mZ8xLw3@127.0.0.1/none',
      DATABASE_SYSTEM_URL: 'postgres://system:9fKq2mZ8xLw3@127.0.0.1/none',
      ENCRYPTION_KEYS: KEY,
      TOKEN_KEYS: 't:ZpV3n8QyW1sT6uVbA8cE5fG7hI0jKlMnOpQrStUvWxY=',
      CURSOR_SECRET: 'Zk3vT9pQ1xW8rY5uM2nB7cL4sD6fG0hJ',
    };
  }

  static production(): Record<string, string> {
    return { NODE_ENV: 'production' };
  }
}
