/** A message, in the chat that its number counts in. */
export interface MessageRef {
  readonly chatId: string;
  readonly messageId: number;
}

/** Numbers of messages are unique in a chat only (core.telegram.org/bots/api, Message). */
export function providerIdOf(chatId: string, messageId: number): string {
  return `${chatId}:${messageId}`;
}

export function readProviderId(providerId: string): MessageRef | undefined {
  const [, chatId, messageId] = /^(-?\d+):(\d+)$/.exec(providerId) ?? [];
  return chatId === undefined ? undefined : { chatId, messageId: Number(messageId) };
}
