import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { FaultInput, LimitReport, SentMessage, WorldInput } from '../../src/simulator/simulator.js';
import { eventually, freePort } from './patchbay.js';

/**
 * The simulator in a process of its own, where a busy test cannot make it look away: what it takes down about paces is then
 * about whoever sends.
 */
export class SimulatorProcess {
  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
  ) {}

  static async start(options: { seed: number; webhookUrl: string; world: WorldInput }): Promise<SimulatorProcess> {
    const port = await freePort();
    const child = spawn(process.execPath, [join(process.cwd(), 'dist', 'simulator', 'main.js')], {
      env: {
        PATH: process.env['PATH'] ?? '',
        SIMULATOR_PORT: String(port),
        SIMULATOR_SEED: String(options.seed),
        SIMULATOR_WEBHOOK_URL: options.webhookUrl,
        SIMULATOR_RECORD: '100000',
      },
      stdio: 'ignore',
    });
    const simulator = new SimulatorProcess(`http://127.0.0.1:${port}`, child);
    await eventually('the simulator to answer', () => simulator.call('GET', '/'));
    await simulator.call('POST', '/world', options.world);
    return simulator;
  }

  /** Every message that the network took, in order. */
  sent(): Promise<readonly SentMessage[]> {
    return this.call('GET', '/sent');
  }

  async sentCount(): Promise<number> {
    return (await this.call<{ counts: { sent: number } }>('GET', '/')).counts.sent;
  }

  limits(): Promise<LimitReport> {
    return this.call('GET', '/limits');
  }

  write(phone: string, number: string, message: string): Promise<{ id: string }> {
    return this.call('POST', `/customers/${phone}/messages`, { number, message });
  }

  addFault(fault: FaultInput): Promise<unknown> {
    return this.call('POST', '/faults', fault);
  }

  async clearFaults(): Promise<void> {
    await this.call('DELETE', '/faults');
  }

  async releaseStatuses(): Promise<number> {
    return (await this.call<{ released: number }>('POST', '/statuses/release')).released;
  }

  async idle(): Promise<void> {
    await this.call('GET', '/idle?timeoutMs=30000');
  }

  async stop(): Promise<void> {
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }

  private async call<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.url}/_sim${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as T;
    if (response.status !== 200) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
    return answer;
  }
}
