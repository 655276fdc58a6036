import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { types } from 'mediasoup';

/** What a server binds to when it serves all of this machine's addresses. */
const ANY = { 4: '0.0.0.0', 6: '::' } as const;

/** What a worker listens to. loopbackOnly: on this machine's loopback address alone. port: null for any free one. */
export function listenInfos(loopbackOnly: boolean, port: number | null): types.TransportListenInfo[] {
  const hosts = loopbackOnly
    ? ['127.0.0.1']
    : [ANY[4], ...(ownAddresses().some((each) => isIP(each) === 6) ? [ANY[6]] : [])];
  return hosts.flatMap((ip) =>
    (['udp', 'tcp'] as const).map((protocol) => ({
      protocol,
      ip,
      ...(port === null ? {} : { port }),
      ...(ip === ANY[6] ? { flags: { ipv6Only: true } } : {}),
    })),
  );
}

/**
 * Lines of an answer for a worker's candidates. One that listens on all addresses is named once for each that this machine
 * has now, and for those that the configuration adds.
 */
export function candidateLines(
  candidates: readonly types.IceCandidate[],
  addresses: readonly string[],
): readonly string[] {
  const own = ownAddresses();
  const lines: string[] = [];
  for (const { ip, protocol, port, priority, tcpType } of candidates) {
    const family = isIP(ip);
    const any = ip === ANY[4] || ip === ANY[6];
    // A name may stand for either family: it is given to the one that every network has.
    const known = any ? [...own, ...addresses].filter((each) => (isIP(each) || 4) === family) : [ip];
    for (const address of known) {
      const kind = protocol === 'tcp' ? ` tcptype ${tcpType ?? 'passive'}` : '';
      // Foundations tell candidates of different addresses apart; preference falls by the order.
      const place = lines.length;
      lines.push(`candidate:${place + 1} 1 ${protocol} ${priority - place} ${address} ${port} typ host${kind}`);
    }
  }
  return lines;
}

/** Addresses of this machine that others may reach; loopback where there is no other. */
function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  const found = all
    .filter(({ internal, family, address }) => !internal && !(family === 'IPv6' && /^fe[89ab]/i.test(address)))
    .map(({ address }) => address);
  return found.length > 0 ? found : ['127.0.0.1'];
}
