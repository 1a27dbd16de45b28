/** Gives no reason: a caller must not learn whether the key, the tag or the owner was wrong. */
export class Undecipherable extends Error {
  constructor() {
    super(
      'a sealed text does not open: it was changed, moved to another row, or made with a key that is gone',
    );
    this.name = 'Undecipherable';
  }
}
