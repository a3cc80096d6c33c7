/**
 * Reads jest's report: prints "passed failed skipped", or with `skipped` the names of what was not run, or with `failures` what
 * failed, each with the first lines of what it said.
 */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const LINES_EACH = 12;
const CHARACTERS_EACH = 900;

const [path, what] = process.argv.slice(2);
const report = JSON.parse(readFileSync(path, 'utf8'));

/** What a failure said, without its stack, which the whole output has. */
function gist(message) {
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s+at .*node_modules/.test(line));
  return lines.slice(0, LINES_EACH).join('\n    ').slice(0, CHARACTERS_EACH);
}

if (what === 'skipped') {
  const skipped = report.testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status !== 'passed' && status !== 'failed').map(({ fullName }) => fullName),
  );
  for (const name of skipped) console.log(`  ${name}`);
} else if (what === 'failures') {
  for (const { name, status, message, assertionResults } of report.testResults) {
    const file = relative(process.cwd(), name);
    const failed = assertionResults.filter((test) => test.status === 'failed');
    for (const { fullName, failureMessages } of failed)
      console.log(`  ${file}: ${fullName}\n    ${gist(failureMessages.join('\n'))}`);
    if (status === 'failed' && failed.length === 0) console.log(`  ${file} could not be run\n    ${gist(message)}`);
  }
} else {
  // a suite that could not even be loaded has no failed test, and counts as one
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
  console.log(report.numPassedTests, failed, report.numPendingTests + report.numTodoTests);
}
