import { testCases } from "../../test/support/evaluation-goldens.js";
import { rocCurve } from "./roc-curve.js";

testCases("roc-curve", rocCurve);
