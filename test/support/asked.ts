import type { Simulator } from '../../src/simulator/simulator.js';

/** Calls that somebody's request caused: templates are read in the background, at a time of their own. */
export function askedOf(sim: Simulator): number {
  return sim.requests.filter(({ path }) => !path.endsWith('/message_templates')).length;
}
