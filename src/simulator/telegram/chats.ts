import { ApiError, badRequest, type Json, type SimBot, type SimChat, type SimProfile } from './types.js';

/** Where the bot can write to, and what stands there. */
export class Chats {
  private readonly all = new Map<number, SimChat>();
  private groups = 0;

  constructor(private readonly nowMs: () => number) {}

  user(id: number, profile: SimProfile): SimChat {
    return this.add(id, 'private', { ...profile, type: 'private' });
  }

  group(title: string): SimChat {
    this.groups += 1;
    const group = this.add(-4_000_000_000 - this.groups, 'group', { title, type: 'group' });
    group.standing = 'open';
    return group;
  }

  /** The group lives on under another id; in the old one nothing can be written any more. */
  upgrade(group: SimChat): SimChat {
    const after = this.add(-1_000_000_000_000 + group.id, 'supergroup', {
      title: group.about['title'],
      type: 'supergroup',
    });
    after.standing = 'open';
    group.movedTo = after.id;
    return after;
  }

  /** @throws ApiError in the words that Telegram has for it */
  writable(id: unknown): SimChat {
    if (id === undefined || id === '') throw badRequest('chat_id is empty');
    const chat = this.all.get(Number(id));
    if (!chat) throw badRequest('chat not found');
    if (chat.movedTo !== undefined) {
      throw badRequest('group chat was upgraded to a supergroup chat', { migrate_to_chat_id: chat.movedTo });
    }
    switch (chat.standing) {
      case 'open':
        return chat;
      case 'new':
        throw new ApiError(403, "Forbidden: bot can't initiate conversation with a user");
      case 'blocked':
        throw new ApiError(403, 'Forbidden: bot was blocked by the user');
      case 'kicked':
        throw new ApiError(403, `Forbidden: bot was kicked from the ${chat.type} chat`);
    }
  }

  /** Puts a message into the chat, and gives it back as everybody sees it. */
  put(chat: SimChat, from: Json, what: Json): Json {
    const message: Json = { message_id: chat.nextMessage, from, chat: this.view(chat), date: this.now(), ...what };
    chat.nextMessage += 1;
    chat.messages.set(message['message_id'] as number, message);
    return message;
  }

  view({ id, about }: SimChat): Json {
    return { id, ...about };
  }

  /** Seconds, as all times of Telegram's. */
  now(): number {
    return Math.floor(this.nowMs() / 1_000);
  }

  private add(id: number, type: SimChat['type'], about: Json): SimChat {
    const chat: SimChat = { id, type, about, standing: 'new', nextMessage: 1, messages: new Map() };
    this.all.set(id, chat);
    return chat;
  }
}

export function botView({ id, name, username }: SimBot): Json {
  return { id, is_bot: true, first_name: name, username };
}
