import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../clock/clock.js';
import { Metrics } from '../metrics/metrics.js';
import { CircuitBreaker, type Pass, type Verdict, isRefusal } from './circuit-breaker.js';

const HOST = 'graph.example';

function stage() {
  const clock = new ManualClock(new Date('2026-11-20T12:00:00Z'));
  const metrics = new Metrics();
  const lines: string[] = [];
  const log = {
    info: (_: object, line: string) => lines.push(line),
    warn: (_: object, line: string) => lines.push(line),
  };
  const breaker = new CircuitBreaker({ clock, metrics, log: log as never });
  const enter = (host = HOST, always = false) => breaker.enter(host, always);
  const pass = (host = HOST, always = false): Pass => {
    const entrance = enter(host, always);
    if (isRefusal(entrance)) throw new Error(entrance.reason);
    return entrance;
  };
  const call = (verdict: Verdict, times = 1): void => {
    for (let made = 0; made < times; made += 1) pass().report(verdict);
  };
  const gauge = async () => (await metrics.circuitOpen.get()).values.map(({ labels, value }) => [labels.host, value]);
  return { clock, lines, enter, pass, call, gauge };
}

describe('CircuitBreaker', () => {
  it('opens after failures in a row, for that host alone, and says since when and until when', async () => {
    const { call, enter, lines, gauge } = stage();
    call('failed', 4);
    expect(isRefusal(enter())).toBe(false);
    call('failed');
    expect(enter()).toEqual({
      reason: 'circuit open since 2026-11-20T12:00:00.000Z until 2026-11-20T12:00:01.000Z',
      afterMs: 1_000,
    });
    expect(isRefusal(enter('other.example'))).toBe(false);
    expect(lines).toHaveLength(1);
    expect(await gauge()).toEqual([[HOST, 1]]);
  });

  it('does not open when answers come in between, nor over a long time', () => {
    const { call, enter, clock } = stage();
    call('failed', 4);
    call('answered');
    call('failed', 4);
    expect(isRefusal(enter())).toBe(false);
    clock.advance(60_001);
    call('failed', 4);
    expect(isRefusal(enter())).toBe(false);
  });

  it('takes what tells nothing about the host neither way', () => {
    const { call, enter } = stage();
    call('failed', 4);
    call('neither', 10);
    expect(isRefusal(enter())).toBe(false);
    call('failed');
    expect(isRefusal(enter())).toBe(true);
  });

  it('lets one call at a time try, and closes with its answer', async () => {
    const { call, enter, pass, clock, lines, gauge } = stage();
    call('failed', 5);
    clock.advance(1_000);
    const probe = pass();
    expect(enter()).toMatchObject({ afterMs: 1_000 });
    probe.report('answered');
    expect(isRefusal(enter())).toBe(false);
    expect(lines).toHaveLength(2);
    expect(await gauge()).toEqual([[HOST, 0]]);
  });

  it('waits twice as long after every probe that fails, up to a bound', () => {
    const { call, enter, pass, clock, lines } = stage();
    call('failed', 5);
    const waits = [];
    for (let probes = 0; probes < 7; probes += 1) {
      const refusal = enter();
      if (!isRefusal(refusal)) throw new Error('it is not open');
      waits.push(refusal.afterMs);
      clock.advance(refusal.afterMs);
      pass().report('failed');
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    expect(lines).toHaveLength(1);
  });

  it('lets another call try when a probe told nothing', () => {
    const { call, pass, clock } = stage();
    call('failed', 5);
    clock.advance(1_000);
    pass().report('neither');
    expect(() => pass()).not.toThrow();
  });

  it('lets a person’s call through at any time: its answer closes, its failure changes nothing', () => {
    const { call, enter, pass, clock } = stage();
    call('failed', 5);
    pass(HOST, true).report('failed');
    expect(enter()).toMatchObject({ afterMs: 1_000 });
    clock.advance(1_000);
    const probe = pass();
    const person = pass(HOST, true);
    person.report('answered');
    expect(isRefusal(enter())).toBe(false);
    probe.report('failed');
    expect(isRefusal(enter())).toBe(false);
  });

  it('costs a healthy host next to nothing', () => {
    const { pass } = stage();
    const started = performance.now();
    for (let made = 0; made < 100_000; made += 1) pass().report('answered');
    expect((performance.now() - started) / 100_000).toBeLessThan(0.01); // ms
  });
});
