/**
 * Methods that do something in the one chat that they are told, by `chat_id` (core.telegram.org/bots/api, "Available methods").
 * Those that concern the bot as a whole (its webhook, its commands, its name) are set up elsewhere.
 */
const IN_A_CHAT =
  /^(?:send[A-Z]\w*|copyMessages?|forwardMessages?|editMessage[A-Z]\w*|stopPoll|stopMessageLiveLocation|deleteMessages?|setMessageReaction|pinChatMessage|unpin(?:Chat|AllChat)Messages?)$/;

export function isNativeMethod(method: string): boolean {
  return IN_A_CHAT.test(method);
}
