/** The table of all cases. */

import { activationCases } from "./activation.js";
import { axisCases } from "./axes.js";
import type { Case } from "./case.js";
import { effectCases } from "./effects.js";
import { elementwiseCases } from "./elementwise.js";
import { matrixCases } from "./matrix.js";
import { normalizationCases } from "./normalization.js";
import { partedCases } from "./parted.js";
import { pictureCases } from "./picture.js";
import { rowCases } from "./rows.js";

export type { Case, CaseInput, CaseJob } from "./case.js";

/** Cases of every op. */
export const cases: readonly Case[] = [
  ...elementwiseCases,
  ...activationCases,
  ...matrixCases,
  ...pictureCases,
  ...normalizationCases,
  ...partedCases,
  ...axisCases,
  ...rowCases,
  ...effectCases,
];
