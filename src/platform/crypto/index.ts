export * from './aes-gcm-cipher';
export * from './cipher';
export * from './crypto.module';
export * from './errors';
export * from './key-ring';
export * from './signer';
