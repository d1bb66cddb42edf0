import { testCases } from "../../test/support/evaluation-goldens.js";
import { averagePrecisionScore } from "./average-precision-score.js";

testCases("average-precision-score", averagePrecisionScore);
