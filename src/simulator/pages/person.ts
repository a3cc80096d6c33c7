import type { JsonObject } from '../world.types.js';
import type { Pages } from './pages.js';
import type { PageMessage, SimPerson } from './types.js';

/** Somebody with a phone in the hand: writes to a page or an Instagram account, taps, reacts, reads. */
export class PagePerson {
  constructor(
    private readonly pages: Pages,
    readonly profile: SimPerson,
  ) {}

  get id(): string {
    return this.profile.id;
  }

  /** What reached this person, the newest last. */
  get received(): readonly PageMessage[] {
    return this.shown.filter(({ body }) => body['sender_action'] === undefined);
  }

  /** What the page did beside its messages (`typing_on`, `mark_seen`, `react`, …), the newest last. */
  get actions(): readonly unknown[] {
    return this.shown.flatMap(({ body }) => body['sender_action'] ?? []);
  }

  /** A text, or the message object without its id. Returns the id. */
  write(message: string | JsonObject, list: 'messaging' | 'standby' = 'messaging'): string {
    const mid = this.pages.nextMid();
    const said = typeof message === 'string' ? { text: message } : message;
    this.act(list === 'standby' ? 'standby' : 'messages', { message: { mid, ...said } }, list);
    return mid;
  }

  /** Presses a quick reply. */
  choose(title: string, payload: string): string {
    return this.write({ text: title, quick_reply: { payload } });
  }

  /** Presses a button of a template. */
  press(title: string, payload: string, referral?: JsonObject): string {
    const mid = this.pages.nextMid();
    this.act('messaging_postbacks', { postback: { mid, title, payload, ...(referral && { referral }) } });
    return mid;
  }

  /** Comes by a link to a conversation that there is already. */
  arrive(ref: string): void {
    this.act('messaging_referrals', { referral: { ref, source: 'SHORTLINK', type: 'OPEN_THREAD' } });
  }

  react(mid: string, emoji: string): void {
    const action = emoji === '' ? 'unreact' : 'react';
    const reaction = { mid, action, ...(emoji === '' ? {} : { reaction: 'other', emoji }) };
    this.act(this.isOnInstagram ? 'messaging_reactions' : 'message_reactions', { reaction });
  }

  /** Takes back a message of their own. */
  unsend(mid: string): void {
    this.tell('messages', { message: { mid, is_deleted: true } });
  }

  edit(mid: string, text: string): void {
    this.tell(this.isOnInstagram ? 'message_edit' : 'message_edits', { message_edit: { mid, text, num_edit: 1 } });
  }

  /** Opens the conversation: everything up to now is read. */
  read(): void {
    const [last] = this.received.slice(-1);
    if (this.isOnInstagram) {
      if (last) this.tell('messaging_seen', { read: { mid: last.mid } });
      return;
    }
    this.tell('message_reads', { read: { watermark: this.pages.nowMs() } });
  }

  /** Another app, or nobody's, has the conversation from now on. */
  handover(kind: 'pass_thread_control' | 'take_thread_control', content: JsonObject): void {
    this.tell('messaging_handovers', { [kind]: content });
  }

  /** A human writes to the person, in Meta's inbox or the network's own app. */
  answerByHand(text: string): string {
    const mid = this.pages.nextMid();
    const { object, account } = this.profile;
    const app = object === 'page' ? { app_id: 263902037430900 } : {};
    const item = { ...this.ends(true), message: { mid, text, is_echo: true, ...app } };
    void this.pages.emit(object, account, object === 'page' ? 'message_echoes' : 'messages', item);
    return mid;
  }

  /** Sender and recipient, and when. */
  ends(fromPage: boolean): { sender: { id: string }; recipient: { id: string }; timestamp: number } {
    const [person, page] = [{ id: this.id }, { id: this.profile.account }];
    return { sender: fromPage ? page : person, recipient: fromPage ? person : page, timestamp: this.pages.nowMs() };
  }

  private get shown(): readonly PageMessage[] {
    return this.pages.sent.filter(({ person, account }) => person === this.id && account === this.profile.account);
  }

  private get isOnInstagram(): boolean {
    return this.profile.object === 'instagram';
  }

  /** What opens the window. */
  private act(field: string, content: JsonObject, list: 'messaging' | 'standby' = 'messaging'): void {
    this.profile.actedAt = this.pages.nowMs();
    this.tell(field, content, list);
  }

  private tell(field: string, content: JsonObject, list?: string): void {
    const { object, account } = this.profile;
    void this.pages.emit(object, account, field, { ...this.ends(false), ...content }, list);
  }
}
