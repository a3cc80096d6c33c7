import type { Simulator } from '../../src/simulator/simulator.js';

/** Calls that somebody's request causes: templates are read in the background, at a time of their own. */
export const ASKED = /^(?!.*\/message_templates$)/;

/** How many of those there were. */
export function askedOf(sim: Simulator): number {
  return sim.requests.filter(({ path }) => ASKED.test(path)).length;
}
