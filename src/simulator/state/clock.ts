/** The machine's clock plus what a test has moved it by. It never goes back: lists rely on creation order. */
export class SimulatedClock {
  private offsetMs = 0;

  nowMs(): number {
    return Date.now() + this.offsetMs;
  }

  get movedByMs(): number {
    return this.offsetMs;
  }

  advance(ms: number): void {
    if (!Number.isFinite(ms) || ms < 0) throw new RangeError('the simulated clock only moves forward');
    this.offsetMs += ms;
  }
}
