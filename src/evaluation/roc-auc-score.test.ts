import { testCases } from "../../test/support/evaluation-goldens.js";
import { rocAucScore } from "./roc-auc-score.js";

testCases("roc-auc-score", rocAucScore);
