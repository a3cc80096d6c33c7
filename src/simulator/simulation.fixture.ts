import { afterEach } from '@jest/globals';
import { Receiver } from './receiver.fixture.js';
import { DEFAULT_WORLD, startSimulator } from './simulator.js';
import type { Simulator, SimulatorOptions } from './simulator.js';
import type { JsonObject } from './world.types.js';

export const NUMBER = DEFAULT_WORLD.phoneNumberId;
export const WABA = DEFAULT_WORLD.wabaId;
export const ANN = '16505551234';

export interface GraphReply {
  status: number;
  // The specs look into answers of every shape; typing each would say nothing.
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any;
}

/** A simulator with a receiver for one spec; both are closed after it. */
export interface Simulation {
  sim: Simulator;
  receiver: Receiver;
  graph: (method: string, path: string, body?: JsonObject | string, token?: string | null) => Promise<GraphReply>;
  send: (message?: JsonObject) => Promise<GraphReply>;
}

const open: { close: () => Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

export async function receive(): Promise<Receiver> {
  const receiver = await Receiver.start();
  open.push(receiver);
  return receiver;
}

/** Quick statuses, one fast retry, and a callback that is subscribed, unless the options say otherwise. */
export async function simulate(options: SimulatorOptions = {}): Promise<Simulation> {
  const receiver = await receive();
  const sim = await startSimulator({
    seed: 1,
    webhookUrl: receiver.url,
    retry: { firstMs: 1 },
    statuses: { sentMs: 0, deliveredMs: 0 },
    ...options,
  });
  open.push(sim);
  const graph: Simulation['graph'] = async (method, path, body, token = DEFAULT_WORLD.token) => {
    const isForm = typeof body === 'string';
    const response = await fetch(`${sim.url}/v26.0${path}`, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined
          ? {}
          : { 'content-type': isForm ? 'application/x-www-form-urlencoded' : 'application/json' }),
      },
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  };
  const send: Simulation['send'] = (message) => graph('POST', `/${NUMBER}/messages`, { ...TEXT, ...message });
  return { sim, receiver, graph, send };
}

export const TEXT: JsonObject = { messaging_product: 'whatsapp', to: `+${ANN}`, type: 'text', text: { body: 'hello' } };
