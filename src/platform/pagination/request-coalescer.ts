/**
 * Whoever asks the same in one turn of the event loop asks together. The question is put when the turn is
 * over, so that nobody gets an answer to a question that was put before they asked.
 */
export class RequestCoalescer<T> {
  private readonly gathering = new Map<string, Promise<T>>();

  ask(key: string, put: () => Promise<T>): Promise<T> {
    const joined = this.gathering.get(key);
    if (joined) return joined;
    const asked = new Promise<T>((resolve) =>
      setImmediate(() => {
        this.gathering.delete(key);
        resolve(put());
      }),
    );
    this.gathering.set(key, asked);
    return asked;
  }
}
