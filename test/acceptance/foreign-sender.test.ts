import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/patchbay.js';
import { type Stage, engage, openStage } from '../support/stage.js';

describe('another system that sends from the same number', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage();
    await engage(stage);
  });

  afterAll(() => stage.close());

  async function used(): Promise<number | undefined> {
    const { body } = await stage.patchbay.call<{ portfolios: { used: number }[] }>('GET', '/limits?gateway=acme');
    return body.portfolios[0]?.used;
  }

  it('counts in the messaging limit with those it opened, each once', async () => {
    stage.sim.foreign({ to: '+16505559000', category: 'marketing', count: 3 });
    await eventually('three people counted', async () => (await used()) === 3);
    stage.sim.foreign({ to: '+16505559002', category: 'utility', count: 2 });
    await eventually('one more person counted', async () => (await used()) === 4);
  });

  it('opens nobody who has written within the day', async () => {
    stage.sim.customer('+16505559100').write(stage.sim.world.phoneNumbers.keys().next().value as string, 'hi');
    await stage.bot.waitFor((event) => event.type === 'message.received');
    stage.sim.foreign({ to: '+16505559100', category: 'utility', count: 2 });
    await eventually('only the stranger is counted', async () => (await used()) === 5);
    expect(await used()).toBe(5);
  });
});
