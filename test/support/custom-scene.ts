import { randomBytes, randomUUID } from 'node:crypto';
import type { BotEvent } from './bot.js';
import { OtherSide } from './other-side.js';
import type { Answer } from './patchbay.js';
import { type ProblemView, Scene } from './scene.js';
import { openStage } from './stage.js';

type Signed = ReturnType<OtherSide['sign']>;

const now = (): string => new Date().toISOString();

/** A custom gateway and its other side, with people of whom each is used by one test alone. */
export class CustomScene {
  private people = 0;

  private constructor(
    readonly scene: Scene,
    readonly other: OtherSide,
  ) {}

  static async open(more: Readonly<Record<string, string>> = {}): Promise<CustomScene> {
    const other = await OtherSide.start(`whsec_${randomBytes(32).toString('base64')}`);
    const scene = await Scene.on(
      await openStage({ simulator: { defaultWorld: false } }),
      async ({ patchbay, uri, bot }) => {
        const { url, secret } = other;
        const metadata = { url, secret, accounts: 'shop=The shop, help', settle_seconds: '60', ...more };
        const body = {
          name: 'Web',
          uri,
          type: 'custom',
          metadata,
          bot: { type: 'webhook', url: bot.url, events: ['*'] },
        };
        const created = await patchbay.call('POST', '/gateways', { body });
        if (created.status !== 201) throw new Error(created.text);
        return created.body;
      },
    );
    return new CustomScene(scene, other);
  }

  async close(): Promise<void> {
    await this.scene.close();
    await this.other.close();
  }

  newPerson(): string {
    this.people += 1;
    return `person-${this.people}`;
  }

  /** Posts events to the callback as the other side does. */
  tell(event: unknown, at?: Date, change: (signed: Signed) => Signed = (same) => same): Promise<Answer<ProblemView>> {
    const { patchbay, uri } = this.scene.stage;
    const { body, headers } = change(this.other.sign(event, at));
    return patchbay.call<ProblemView>('POST', `//chat/${uri}`, { body, headers, key: null });
  }

  said(userId: string, text: string, more: object = {}) {
    return {
      type: 'message',
      id: `m-${randomUUID()}`,
      account: 'shop',
      from: { userId, name: 'Ann' },
      at: now(),
      content: { type: 'text', text },
      ...more,
    };
  }

  /** Somebody writes; resolves with what the bot hears of it. */
  async hears(userId: string, text: string, more: object = {}): Promise<BotEvent> {
    const message = this.said(userId, text, more);
    const { status, text: why } = await this.tell(message);
    if (status !== 200) throw new Error(why);
    return (await this.scene.hear(message.id)).event;
  }
}
