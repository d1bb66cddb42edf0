import { testCases } from "../../test/support/evaluation-goldens.js";
import { balancedAccuracyScore } from "./balanced-accuracy-score.js";

testCases("balanced-accuracy-score", balancedAccuracyScore);
