/** Objects that can be called like functions: a layer on its inputs. Not here: what calling does. */

/** The base of classes whose objects are functions: calling one calls its `connect`. */
export abstract class Callable {
  constructor() {
    const self = (...values: unknown[]): unknown => (self as unknown as Callable).connect(...values);
    // biome-ignore lint/correctness/noConstructorReturn: the object that a derived class fills is to be the function.
    return Object.setPrototypeOf(self, new.target.prototype) as Callable;
  }

  /** What a call of the object does. */
  protected abstract connect(...values: unknown[]): unknown;
}
