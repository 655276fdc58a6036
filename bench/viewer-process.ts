// Viewers without a browser in a process of their own, started by viewers.ts: node dist/bench/viewer-process.js address count
// Answers each message with what they have received until then.

import { WhepClient } from '../test/whep-client.js';

/** What the viewers of a process have received. */
export interface ViewerReport {
  readonly viewers: number;
  readonly connected: number;
  readonly received: number;
  readonly missing: number;
  readonly bytes: number;
}

const [address = '', count = '1'] = process.argv.slice(2);
const clients: WhepClient[] = [];
for (let i = 0; i < Number(count); i++) {
  const client = await WhepClient.join(address, 'camera');
  await client.packets(1);
  clients.push(client);
}

process.on('message', () => {
  const sum = (of: (client: WhepClient) => number): number => clients.reduce((all, client) => all + of(client), 0);
  const report: ViewerReport = {
    viewers: clients.length,
    connected: sum(({ connection }) => Number(connection.connectionState === 'connected')),
    received: sum(({ received }) => received),
    missing: sum(({ missing }) => missing),
    bytes: sum(({ bytes }) => bytes),
  };
  process.send?.(report);
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
