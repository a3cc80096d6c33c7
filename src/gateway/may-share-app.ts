/**
 * Whether two gateways may be one app at the network, whose subscription they then share. A gateway that does not say which
 * app it belongs to may belong to any: what another gateway may need is left alone.
 */
export function mayShareApp(a: string | null | undefined, b: string | null | undefined): boolean {
  return !a || !b || a === b;
}
