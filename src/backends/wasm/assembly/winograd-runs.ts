/**
 * The tiles of a block, run by run: neighbours of one row of tiles and of one size. A picture's tiles have `points` points
 * down and across, but those of its last `short` rows of tiles have one less down, those of its last `narrow` columns one
 * less across: that of infinity, the last. So all points are the same for every tile that has them. The tiles of a block
 * lie by kind: tall and narrow ones, tall and wide ones, short and wide ones, short and narrow ones. Then those that have
 * a point are neighbours, whichever it is: infinity down have the first two kinds, infinity across the two in the middle.
 * With narrow columns a block is whole rows of tiles.
 */
@unmanaged export class Runs {
  private points: i32;
  private taps: i32;
  private down: i32;
  private across: i32;
  private short: i32;
  private narrow: i32;
  /** The next tile, and where the block ends: tiles are counted over pictures, rows and columns of tiles. */
  private at: i32;
  private end: i32;
  /** How many tiles lie before the end of each kind. */
  private ends0: i32;
  private ends1: i32;
  private ends2: i32;
  private ends3: i32;
  /** Where the next tile of each kind lies. */
  private slot0: i32;
  private slot1: i32;
  private slot2: i32;
  private slot3: i32;
  /** The run that `next` has come to: its picture, and its row of tiles, counted through all pictures. */
  picture: i32;
  line: i32;
  /** The first result of its first tile. */
  row: i32;
  column: i32;
  /** Points of its tiles, down and across, and results across. */
  high: i32;
  wide: i32;
  step: i32;
  /** How many tiles, and where in the block the first lies. */
  count: i32;
  slot: i32;

  /** How pictures are cut into tiles. */
  @inline cut(points: i32, taps: i32, down: i32, across: i32, short: i32, narrow: i32): void {
    this.points = points; this.taps = taps; this.down = down; this.across = across; this.short = short; this.narrow = narrow;
  }

  /** Tiles of those before `t` that are in tall rows. */
  @inline private tall(t: i32): i32 {
    const picture = this.down * this.across, most = (this.down - this.short) * this.across;
    return t / picture * most + min(t % picture, most);
  }

  /** A block: tiles `first` to `end`. */
  begin(first: i32, end: i32): void {
    const all = end - first, tall = this.tall(end) - this.tall(first), wide = this.across - this.narrow;
    const middle = this.narrow == 0 ? tall : tall / this.across * wide;
    const below = this.narrow == 0 ? all - tall : (all - tall) / this.across * wide;
    this.at = first; this.end = end;
    this.slot0 = 0;
    this.slot1 = this.ends0 = tall - middle;
    this.slot2 = this.ends1 = tall;
    this.slot3 = this.ends2 = tall + below;
    this.ends3 = all;
  }

  /** Goes to the next run of the block; false where there is none. */
  next(): bool {
    const t = this.at, left = this.end - t;
    if (left <= 0) return false;
    const across = this.across, line = t / across, j = t - line * across, picture = line / this.down, i = line - picture * this.down;
    const m = this.points - this.taps + 1, below = i - (this.down - this.short), beside = j - (across - this.narrow);
    const count = min(left, beside < 0 ? -beside : across - j), kind = below < 0 ? i32(beside < 0) : 3 - i32(beside < 0);
    const slots = changetype<usize>(this) + offsetof<Runs>("slot0") + (<usize>kind << 2);
    this.picture = picture; this.line = line; this.count = count;
    this.row = i * m - max(below, 0); this.high = this.points - i32(below >= 0);
    this.column = j * m - max(beside, 0); this.wide = this.points - i32(beside >= 0); this.step = m - i32(beside >= 0);
    this.slot = load<i32>(slots);
    store<i32>(slots, this.slot + count);
    this.at = t + count;
    return true;
  }

  /** The first tile of the block that has the point a, b. */
  @inline from(b: i32): i32 { return b == this.points - 1 ? this.ends0 : 0; }

  /** The end of those that have it. */
  @inline to(a: i32, b: i32): i32 {
    return a == this.points - 1 ? this.ends1 : b == this.points - 1 ? this.ends2 : this.ends3;
  }
}

/**
 * Bytes from a point to the next of a block of `tiles` tiles, `wide` channels each: a line more than the data, or all points
 * would share a few sets of the caches. kernels/winograd.ts has the same as pointBytes.
 */
@inline export function pointStep(tiles: i32, wide: i32): usize {
  return (<usize>(tiles * wide) << 2) + 64;
}
