/** Which label is the positive one of two classes. Not the option's check: that is labels.ts. */

import { OptionError } from "../core/errors.js";
import { formatReceived } from "../core/received.js";
import { kindOf, type Label } from "./labels.js";

/** Whether the labels are 0 and 1, or -1 and 1, or one of these: then the positive class is 1. */
export function areStandard(present: readonly Label[]): boolean {
  return ["0,1", "-1,1", "0", "-1", "1"].includes(present.join()) && typeof present[0] === "number";
}

/**
 * The positive label: `posLabel`, or 1 where the labels leave no doubt.
 * @throws OptionError where they do, or `posLabel` is of another kind than they are.
 */
export function positiveLabelOf(op: string, present: readonly Label[], posLabel?: Label): Label {
  const shown = present.length <= 10 ? JSON.stringify(present) : `${present.length} labels`;
  if (posLabel === undefined) {
    if (areStandard(present)) return 1;
    throw new OptionError(
      `${op}: posLabel must be given unless the labels in yTrue are 0 and 1 or -1 and 1, received ${shown}.`,
    );
  }
  if (typeof posLabel !== typeof present[0]) {
    throw new OptionError(
      `${op}: posLabel must be of the data's kind, received ${formatReceived(posLabel)} for data of ${kindOf(present)}.`,
    );
  }
  return posLabel;
}
