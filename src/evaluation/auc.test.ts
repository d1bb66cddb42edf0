import { testCases } from "../../test/support/evaluation-goldens.js";
import { auc } from "./auc.js";

testCases("auc", auc);
