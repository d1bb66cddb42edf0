/**
 * Calls of the engine, one after the other in the order they came. A failed one does not stop those behind it. Not here:
 * what a call does.
 */

/** First in, first out. */
export class CallQueue {
  private last: Promise<unknown> = Promise.resolve();
  private waiting = 0;

  /** Told when something is pending, and when nothing is any more. */
  constructor(private readonly onChange: (busy: boolean) => void) {}

  /** Runs `work` when all before it has ended. */
  run<T>(work: () => Promise<T> | T): Promise<T> {
    if (this.waiting++ === 0) this.onChange(true);
    const turn = this.last.then(work);
    const ended = (): void => {
      if (--this.waiting === 0) this.onChange(false);
    };
    this.last = turn.then(ended, ended);
    return turn;
  }
}
