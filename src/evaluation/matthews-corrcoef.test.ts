import { testCases } from "../../test/support/evaluation-goldens.js";
import { matthewsCorrcoef } from "./matthews-corrcoef.js";

testCases("matthews-corrcoef", matthewsCorrcoef);
