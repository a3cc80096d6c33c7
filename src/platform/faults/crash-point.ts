export const CRASH_POINTS = [
  'after-append',
  'after-reply',
  'after-bot-answer',
  'before-claim',
  'after-claim',
  'after-wire',
  'after-answer',
  'after-batch-part',
] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];

let armed: { point: string; hits: number } | undefined;

/** Arms one point: `<name>` or `<name>:<n>` for the n-th time it is passed. Only the fault tests do this. */
export function armCrashPoint(specification: string): void {
  const [point = '', hits = '1'] = specification.split(':');
  if (!CRASH_POINTS.some((known) => known === point))
    throw new Error(`there is no crash point ${point}; known are ${CRASH_POINTS.join(', ')}`);
  armed = { point, hits: Number(hits) };
}

/**
 * A named moment at which the fault tests end this process without warning, to prove that what was promised before it is kept
 * after it. Unarmed it costs one comparison.
 */
export function crashPoint(point: CrashPoint): void {
  if (armed?.point !== point) return;
  armed.hits -= 1;
  if (armed.hits <= 0) process.kill(process.pid, 'SIGKILL');
}
