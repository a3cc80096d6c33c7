/** Reads jest's report: prints "passed failed skipped", or with `skipped` the names of what was not run. */
import { readFileSync } from 'node:fs';

const [path, what] = process.argv.slice(2);
const report = JSON.parse(readFileSync(path, 'utf8'));

if (what === 'skipped') {
  const skipped = report.testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status !== 'passed' && status !== 'failed').map(({ fullName }) => fullName),
  );
  for (const name of skipped) console.log(`  ${name}`);
} else {
  // a suite that could not even be loaded has no failed test, and counts as one
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
  console.log(report.numPassedTests, failed, report.numPendingTests + report.numTodoTests);
}
