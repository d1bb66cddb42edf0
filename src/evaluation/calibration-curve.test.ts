import { testCases } from "../../test/support/evaluation-goldens.js";
import { calibrationCurve } from "./calibration-curve.js";

testCases("calibration-curve", calibrationCurve);
