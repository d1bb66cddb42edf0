import { testCases } from "../../test/support/evaluation-goldens.js";
import { topKAccuracyScore } from "./top-k-accuracy-score.js";

testCases("top-k-accuracy-score", topKAccuracyScore);
