import type { Content } from '../contract/index.js';
import { dialogPolicyOf } from '../gateway/dialog-settings.js';
import type { LoadedGateway } from '../gateway/loaded-gateway.js';

/** Whether a customer ends their dialog with this message: it is nothing but one of the gateway's words for that. */
export function asksToClose(gateway: LoadedGateway, content: Content): boolean {
  return content.type === 'text' && dialogPolicyOf(gateway).closes(content.text);
}
