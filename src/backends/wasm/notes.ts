/** Why the engine is slower here than it could be, in whole sentences. */

import { currentPlatform } from "../../platform/current.js";
import type { CompiledModule } from "./module.js";
import type { Port } from "./port.js";
import type { EngineSettings } from "./settings.js";
import { MAXIMUM_PAGES, PAGE } from "./shared.js";

/** What to say where memory cannot be shared. */
export const NOT_ISOLATED =
  "This page is not cross-origin isolated, so one worker computes and everything is copied to it. To use all cores, " +
  "serve the page with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp.";

/** The notes on an engine; none where nothing holds it back. */
export function notesOf(settings: EngineSettings, { simd }: CompiledModule, port: Port): string[] {
  const notes: string[] = [];
  const cores = currentPlatform().availableParallelism();
  if (!settings.shared) notes.push(NOT_ISOLATED);
  if (simd === "baseline") {
    notes.push(
      settings.module === "baseline"
        ? "The module without relaxed SIMD was asked for; with it, products take about half the time."
        : "This runtime has no relaxed SIMD, so a product and a sum are two instructions; Node 20.19 and browsers from 2024 on have it.",
    );
  }
  if (simd === "relaxed-unfused") notes.push("This processor has no fused multiply-add, so products take longer.");
  if (settings.shared && port.threads < Math.min(cores, 16)) {
    notes.push(`It uses ${port.threads} of the ${cores} threads that can run at once; the option threads says so.`);
  }
  if (port.threads > cores) {
    notes.push(`It uses ${port.threads} threads, but only ${cores} can run at once; fewer are faster.`);
  }
  if (port.maximum < MAXIMUM_PAGES[0] * PAGE) {
    notes.push(`Its memory can grow to ${port.maximum / 2 ** 20} MB only; more was refused.`);
  }
  return notes;
}
