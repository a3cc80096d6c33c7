import ipaddr from 'ipaddr.js';

/** True for an address that only this host or its private network can mean (loopback, private, link-local, reserved, …). */
export function isPrivateAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return true;
  return ipaddr.process(address).range() !== 'unicast';
}
