import type { CallOutcome, JsonObject, RemoteError } from '../../contract/index.js';
import type { GraphClient } from './client.js';
import { asObject, member } from '../wire/index.js';
import { isPassing, isTokenRefusal } from './remote-error.js';

/** `GET /?ids=` takes this many at once (Meta: graph-api/batch-requests). */
const CHUNK = 50;

export interface NodesRead {
  readonly nodes: ReadonlyMap<string, JsonObject>;
  /** ids that Meta would not show, and why */
  readonly refused: ReadonlyMap<string, RemoteError>;
}

/**
 * Reads many nodes, fifty per call. One id that may not be read makes Meta refuse its whole chunk, so such a chunk is read
 * one by one. A token refusal or a passing fault ends it: nothing can be concluded about the single nodes.
 */
export async function readIds(
  graph: GraphClient,
  ids: readonly string[],
  fields: string,
): Promise<CallOutcome<NodesRead>> {
  const nodes = new Map<string, JsonObject>();
  const refused = new Map<string, RemoteError>();
  for (let at = 0; at < ids.length; at += CHUNK) {
    const chunk = ids.slice(at, at + CHUNK);
    const together = await graph.call({ path: '', query: { ids: chunk.join(','), fields } });
    if (together.status === 'unreachable' || (together.status === 'refused' && saysNothing(together.remote)))
      return together;
    for (const id of chunk) {
      const node = together.status === 'ok' ? asObject(member(asObject(together.value), id)) : undefined;
      if (node) {
        nodes.set(id, node);
        continue;
      }
      const alone = await graph.call({ path: encodeURIComponent(id), query: { fields } });
      if (alone.status === 'ok') nodes.set(id, asObject(alone.value) ?? {});
      else if (alone.status === 'refused' && !saysNothing(alone.remote)) refused.set(id, alone.remote);
      else return alone;
    }
  }
  return { status: 'ok', value: { nodes, refused } };
}

/** A refusal that is not about these ids. */
function saysNothing(remote: RemoteError): boolean {
  return isTokenRefusal(remote) || isPassing(remote);
}
