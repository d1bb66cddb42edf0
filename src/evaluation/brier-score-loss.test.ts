import { testCases } from "../../test/support/evaluation-goldens.js";
import { brierScoreLoss } from "./brier-score-loss.js";

testCases("brier-score-loss", brierScoreLoss);
