import type { Chats } from './chats.js';
import type { Json, SimChat, SimProfile, SimSent } from './types.js';

/** What people set off, and what they see of it. */
export interface Stage {
  readonly chats: Chats;
  readonly bot: Json;
  update(kind: string, value: Json): Json;
  sentTo(chat: number): readonly SimSent[];
  actionsIn(chat: number): readonly string[];
  until(holds: () => boolean, timeoutMs: number): Promise<void>;
  pressed(id: string): void;
  nextCallback(): string;
}

/** A conversation as it looks on a phone. */
class Conversation {
  constructor(
    protected readonly stage: Stage,
    readonly chat: SimChat,
  ) {}

  get id(): number {
    return this.chat.id;
  }

  /** What the bot sent here, oldest first. */
  get received(): readonly SimSent[] {
    return this.stage.sentTo(this.chat.id);
  }

  /** What the bot was seen doing here (`typing`, …), oldest first. */
  get actions(): readonly string[] {
    return this.stage.actionsIn(this.chat.id);
  }

  /** The first that fits, also one that came before. */
  async next(fits: (sent: SimSent) => boolean = () => true, timeoutMs = 90_000): Promise<SimSent> {
    let found: SimSent | undefined;
    await this.stage.until(() => (found = this.received.find(fits)) !== undefined, timeoutMs);
    return found as SimSent;
  }

  protected say(by: Json, what: Json | string): Json {
    const message = this.stage.chats.put(this.chat, by, typeof what === 'string' ? { text: what } : what);
    this.stage.update('message', message);
    return message;
  }

  protected change(by: Json, message: Json, what: Json): Json {
    const edited = { ...message, ...what, from: by, edit_date: this.stage.chats.now() };
    return this.stage.update('edited_message', edited);
  }

  protected think(by: Json, message: Json, emoji: string): Json {
    const reactions = (given: string): Json[] => (given === '' ? [] : [{ type: 'emoji', emoji: given }]);
    return this.stage.update('message_reaction', {
      chat: this.stage.chats.view(this.chat),
      message_id: message['message_id'],
      user: by,
      date: this.stage.chats.now(),
      old_reaction: reactions(emoji === '' ? '👍' : ''),
      new_reaction: reactions(emoji),
    });
  }

  /** @returns the id of the callback query */
  protected push(by: Json, message: Json, data: string): string {
    const id = this.stage.nextCallback();
    this.stage.pressed(id);
    this.stage.update('callback_query', { id, from: by, message, chat_instance: `${this.chat.id}`, data });
    return id;
  }

  protected membership(by: Json, before: string, after: string): void {
    const member = (status: string): Json => ({ user: this.stage.bot, status });
    this.stage.update('my_chat_member', {
      chat: this.stage.chats.view(this.chat),
      from: by,
      date: this.stage.chats.now(),
      old_chat_member: member(before),
      new_chat_member: member(after),
    });
  }
}

/** Somebody with Telegram on the phone. */
export class Person extends Conversation {
  readonly user: Json;

  constructor(stage: Stage, chat: SimChat, profile: SimProfile) {
    super(stage, chat);
    this.user = { id: chat.id, is_bot: false, language_code: 'en', ...profile };
  }

  /** Opens the bot, perhaps by a deep link. */
  start(payload?: string): Json {
    this.chat.standing = 'open';
    return this.say(this.user, payload === undefined ? '/start' : `/start ${payload}`);
  }

  /** Writing opens the bot, too. @returns the message */
  write(what: Json | string): Json {
    if (this.chat.standing === 'new') this.chat.standing = 'open';
    return this.say(this.user, what);
  }

  edit(message: Json, text: string): Json {
    return this.change(this.user, message, { text });
  }

  react(message: Json, emoji: string): Json {
    return this.think(this.user, message, emoji);
  }

  press(message: Json, data: string): string {
    return this.push(this.user, message, data);
  }

  block(): void {
    this.chat.standing = 'blocked';
    this.membership(this.user, 'member', 'kicked');
  }

  unblock(): void {
    this.chat.standing = 'open';
    this.membership(this.user, 'kicked', 'member');
  }
}

/** A group that the bot is in. */
export class Group extends Conversation {
  write(person: Person, what: Json | string): Json {
    return this.say(person.user, what);
  }

  press(person: Person, message: Json, data: string): string {
    return this.push(person.user, message, data);
  }

  /** Becomes a supergroup: told in both, as Telegram does. */
  upgrade(by: Person): Group {
    const after = new Group(this.stage, this.stage.chats.upgrade(this.chat));
    this.say(by.user, { migrate_to_chat_id: after.id });
    after.say(by.user, { migrate_from_chat_id: this.chat.id });
    return after;
  }

  kick(by: Person): void {
    this.chat.standing = 'kicked';
    this.membership(by.user, 'member', 'kicked');
  }
}
