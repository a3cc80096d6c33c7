import { readFileSync, readdirSync } from 'node:fs';

/** What Linux counts processor time in. */
const TICK_MS = 10;

/** The processor time of a process and everything below it, in ms; NaN where there is no /proc. */
export function cpuMs(pid: number): number {
  try {
    const processes = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? readStat(Number(name)) : []));
    const family = new Set([pid]);
    for (let grown = 0; grown < family.size;) {
      grown = family.size;
      for (const one of processes) if (family.has(one.parent)) family.add(one.pid);
    }
    return processes.reduce((sum, one) => sum + (family.has(one.pid) ? one.ticks * TICK_MS : 0), 0);
  } catch {
    return Number.NaN;
  }
}

function readStat(pid: number): { pid: number; parent: number; ticks: number }[] {
  try {
    const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(/\) (?=[A-Z] )/);
    const fields = rest.split(' ');
    // user, system, and the same of children that have ended
    const ticks = [11, 12, 13, 14].reduce((sum, place) => sum + Number(fields[place]), 0);
    return [{ pid, parent: Number(fields[1]), ticks }];
  } catch {
    return [];
  }
}
