/**
 * The platform that this code runs on, chosen at run time, so that one build serves Node and browsers.
 */

import { browserPlatform } from "./browser.js";
import { detectEnvironment } from "./environment.js";
import { nodePlatform } from "./node.js";
import type { Platform } from "./platform.js";

let current: Platform | undefined;

/**
 * The platform; the same object each time.
 * @throws StateError in a Node that is too old.
 */
export function currentPlatform(): Platform {
  if (current === undefined) {
    const environment = detectEnvironment();
    current = environment.isBrowser ? browserPlatform(environment) : nodePlatform(environment);
  }
  return current;
}
