/** What the engines compute, held against the reference: see cases/agreement.ts. */

import { agreement } from "./cases/agreement.js";

agreement("convolutions");
