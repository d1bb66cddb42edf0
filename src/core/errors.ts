/**
 * The typed errors of fovea. Every failure that a caller can cause or has to react to is one of these, so that
 * `catch` can tell them apart by class or by `name`. A message says which op or option, what was expected, what was
 * received, and what to do.
 */

/** The base class of every error that fovea throws on purpose. */
export class FoveaError extends Error {
  override readonly name: string = "FoveaError";
}

/** Shapes that do not fit together: between layers, or of data against a model's input. */
export class ShapeError extends FoveaError {
  override readonly name = "ShapeError";
}

/** An option, argument or name that is unknown, of the wrong type, or out of range. */
export class OptionError extends FoveaError {
  override readonly name = "OptionError";
}

/** Data that cannot be used: empty, of the wrong dtype, labels out of range, lengths that differ. */
export class DataError extends FoveaError {
  override readonly name = "DataError";
}

/** Bytes that are not the file they claim to be: wrong magic, cut short, impossible sizes. */
export class FormatError extends FoveaError {
  override readonly name = "FormatError";
}

/** A file or address that cannot be read or written: missing, no permission, disk full, no answer. */
export class FileError extends FoveaError {
  override readonly name = "FileError";
}

/** A number that stopped being one: NaN or infinity in a loss, a gradient or a weight. */
export class NumericError extends FoveaError {
  override readonly name = "NumericError";
}

/** A call at the wrong time: fit before compile, a second fit on a model in fit, use after free. */
export class StateError extends FoveaError {
  override readonly name = "StateError";
}

/** The engine failed underneath a correct call: a kernel trapped, a worker died, memory ran out. */
export class EngineError extends FoveaError {
  override readonly name = "EngineError";
}
