import { testCases } from "../../test/support/evaluation-goldens.js";
import { precisionRecallCurve } from "./precision-recall-curve.js";

testCases("precision-recall-curve", precisionRecallCurve);
