const KEY_BYTES = 32;

export interface Key {
  readonly id: string;
  readonly material: Buffer;
}

/**
 * The keys by id. The first one given seals; every one opens, so that a key can be replaced without a moment
 * of blindness.
 */
export class KeyRing {
  private readonly keys: ReadonlyMap<string, Key>;
  readonly current: Key;

  private constructor(keys: readonly Key[]) {
    const [first] = keys;
    if (!first) throw new Error('a key ring needs a key');
    this.current = first;
    this.keys = new Map(keys.map((key) => [key.id, key]));
  }

  /**
   * `id:base64,id:base64`; the environment has checked the form, the length is checked again because it is what counts.
   */
  static parse(text: string): KeyRing {
    return new KeyRing(
      text.split(',').map((part) => {
        const [id = '', encoded = ''] = part.split(':');
        const material = Buffer.from(encoded, 'base64');
        if (material.length !== KEY_BYTES)
          throw new Error(`the encryption key ${id} must be ${KEY_BYTES} bytes`);
        return { id, material };
      }),
    );
  }

  get(id: string): Key | undefined {
    return this.keys.get(id);
  }
}
