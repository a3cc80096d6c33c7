import TestSequencer from '@jest/test-sequencer';
import { statSync } from 'node:fs';

/** The longest of all: who begins one of these last keeps everybody waiting. */
const LONGEST = /\/(delivery-engine|outcome-codes|outcomes|admission|webhook-bot|webhooks|walk-through)\.test\.ts$/;

/** Then what starts whole processes; unit tests fill the gaps at the end. */
const ORDER = ['faults', 'acceptance', 'integration', 'embedding', 'unit'];

/** On a clean clone jest knows no durations and goes by size, which says nothing between a whole-app suite and a unit test. */
export default class WholeAppsFirst extends TestSequencer {
  sort(tests) {
    const rankOf = ({ path, context }) => (LONGEST.test(path) ? -1 : ORDER.indexOf(context.config.displayName.name));
    const sizeOf = ({ path }) => statSync(path).size;
    return [...tests].sort((one, other) => rankOf(one) - rankOf(other) || sizeOf(other) - sizeOf(one));
  }
}
