/** Proves that whatever goes wrong in a run of the tests is counted in its last line. */
import { expect, it } from "vitest";
import { countTests, type VitestReport } from "../scripts/test-report.mjs";

/** A report of one file with tests of these results. */
function report(fileStatus: string, ...results: string[]): VitestReport {
  const number = (result: string) => results.filter((one) => one === result).length;
  return {
    numTotalTests: results.length,
    numPassedTests: number("passed"),
    numFailedTests: number("failed"),
    testResults: [{ status: fileStatus, assertionResults: results.map((status) => ({ status })) }],
  };
}

it.each([
  { what: "tests that pass", of: report("passed", "passed", "passed"), code: 0, passed: 2, failed: 0 },
  { what: "a test that fails", of: report("failed", "passed", "failed"), code: 1, passed: 1, failed: 1 },
  { what: "a file that does not load", of: report("failed"), code: 1, passed: 0, failed: 1 },
  { what: "a hook that fails", of: report("failed", "passed"), code: 1, passed: 1, failed: 1 },
  { what: "a skipped test", of: report("passed", "passed", "pending"), code: 0, passed: 1, failed: 1 },
  { what: "a test left to do", of: report("passed", "todo"), code: 0, passed: 0, failed: 1 },
  { what: "an error outside any test", of: report("passed", "passed"), code: 1, passed: 1, failed: 1 },
  { what: "no report", of: undefined, code: 1, passed: 0, failed: 1 },
])("$what: $passed passed, $failed failed", ({ of, code, passed, failed }) => {
  const counts = countTests(of, code);
  expect({ passed: counts.passed, failed: counts.failed }).toEqual({ passed, failed });
  const explained = failed === 0 || of?.numFailedTests === failed;
  expect(counts.notes).toHaveLength(explained ? 0 : 1);
});
