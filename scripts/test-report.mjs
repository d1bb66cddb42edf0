/** Counts a run of vitest, so that nothing that went wrong can end as "0 failed". Not the running: test.mjs. */

/**
 * @typedef {object} VitestReport the parts of vitest's JSON report that are read here
 * @property {number} numTotalTests
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {{ status: string, assertionResults: { status: string }[] }[]} testResults one a file
 */

/**
 * @param {VitestReport | undefined} report undefined if vitest wrote none
 * @param {number} exitCode vitest's own
 * @returns {{ passed: number, failed: number, notes: string[] }}
 */
export function countTests(report, exitCode) {
  if (report === undefined) return { passed: 0, failed: 1, notes: [`vitest wrote no report (exit code ${exitCode}).`] };
  /** @type {string[]} */
  const notes = [];
  const unloaded = report.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  ).length;
  if (unloaded > 0) notes.push(`Test files that failed outside their tests: ${unloaded}; each counts as failed.`);
  const skipped = report.numTotalTests - report.numPassedTests - report.numFailedTests;
  if (skipped > 0) notes.push(`Tests skipped or left to do: ${skipped}; each counts as failed.`);
  let failed = report.numFailedTests + unloaded + skipped;
  if (failed === 0 && exitCode !== 0) {
    failed = 1;
    notes.push(`vitest failed outside any test (exit code ${exitCode}), which counts as one.`);
  }
  return { passed: report.numPassedTests, failed, notes };
}
