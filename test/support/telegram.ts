import { TELEGRAM_BOT, TelegramSimulator } from '../../src/simulator/telegram/simulator.js';
import { TestBot } from './bot.js';
import { type Answer, type Patchbay, eventually, startPatchbay } from './patchbay.js';
import type { MessageView } from './scene.js';
import { databaseEnvironment } from './stage.js';
import { dropDatabase, makeDatabase } from './test-server.js';

/** A Patchbay, a simulated Telegram and a bot, with one engaged gateway. */
export class TelegramScene {
  readonly uri = 'acme-bot';

  private constructor(
    readonly patchbay: Patchbay,
    readonly sim: TelegramSimulator,
    readonly bot: TestBot,
    private readonly database: string,
  ) {}

  static async open(): Promise<TelegramScene> {
    const sim = await TelegramSimulator.start();
    const bot = await TestBot.start();
    const database = await makeDatabase();
    const patchbay = await startPatchbay({ env: databaseEnvironment(database) });
    return new TelegramScene(patchbay, sim, bot, database);
  }

  async close(): Promise<void> {
    await this.patchbay.dispose();
    await this.sim.close();
    await this.bot.close();
    await dropDatabase(this.database);
  }

  /** The body that creates the gateway. */
  body(metadata: object = {}): object {
    return {
      name: 'Acme',
      uri: this.uri,
      type: 'telegram',
      metadata: { token: TELEGRAM_BOT.token, api_url: this.sim.url, ...metadata },
      bot: { type: 'webhook', url: this.bot.url, events: ['message.received', 'message.failed'] },
    };
  }

  command<T = readonly Record<string, unknown>[]>(query: string): Promise<Answer<T>> {
    return this.patchbay.command<T>(this.uri, query);
  }

  post<T = MessageView>(to: object, content: object, more: object = {}): Promise<Answer<T>> {
    return this.patchbay.call<T>('POST', '/messages', { body: { gateway: this.uri, to, content, ...more } });
  }

  /** Taken with 202. */
  async send(userId: number, content: object | string, more: object = {}): Promise<MessageView> {
    const full = typeof content === 'string' ? { type: 'text', text: content } : content;
    const { status, text, body } = await this.post({ userId: String(userId) }, full, more);
    if (status !== 202) throw new Error(`the message was not taken: ${status} ${text}`);
    return body;
  }

  async message(id: string): Promise<MessageView> {
    return (await this.patchbay.call<MessageView>('GET', `/messages/${id}`)).body;
  }

  until(id: string, fits: (message: MessageView) => boolean): Promise<MessageView> {
    return eventually(`what was waited for of ${id}`, async () => {
      const message = await this.message(id);
      return fits(message) && message;
    });
  }

  /** What the bot hears of somebody. */
  hear(userId: number, type: string, fits: (content: Record<string, unknown>) => boolean = () => true) {
    return this.bot.waitFor(
      ({ type: kind, contact, message }) =>
        kind === 'message.received' &&
        contact.userId === String(userId) &&
        message?.content?.type === type &&
        fits(message.content),
    );
  }
}
