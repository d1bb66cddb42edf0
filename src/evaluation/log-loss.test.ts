import { testCases } from "../../test/support/evaluation-goldens.js";
import { logLoss } from "./log-loss.js";

testCases("log-loss", logLoss);
