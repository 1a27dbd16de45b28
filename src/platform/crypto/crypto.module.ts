import { Global, Module } from '@nestjs/common';
import { Environment } from '../config';
import { AesGcmCipher } from './aes-gcm-cipher';
import { Cipher } from './cipher';
import { KeyRing } from './key-ring';
import { Signer } from './signer';

@Global()
@Module({
  providers: [
    {
      provide: Cipher,
      useFactory: (e: Environment) => new AesGcmCipher(KeyRing.parse(e.encryptionKeys)),
      inject: [Environment],
    },
    { provide: Signer, useFactory: (e: Environment) => new Signer(e.cursorSecret), inject: [Environment] },
  ],
  exports: [Cipher, Signer],
})
export class CryptoModule {}
