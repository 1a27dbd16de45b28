/** It does not say why: whether the key, the tag or the owner was wrong is nobody's business outside. */
export class Undecipherable extends Error {
  constructor() {
    super(
      'a sealed text does not open: it was changed, moved to another row, or made with a key that is gone',
    );
    this.name = 'Undecipherable';
  }
}
