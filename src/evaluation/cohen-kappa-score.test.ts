import { testCases } from "../../test/support/evaluation-goldens.js";
import { cohenKappaScore } from "./cohen-kappa-score.js";

testCases("cohen-kappa-score", cohenKappaScore);
