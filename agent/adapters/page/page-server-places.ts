/** Addresses of this machine, and listening at one of them. */
import type { Server } from 'node:http';
import { networkInterfaces } from 'node:os';
import type { OwnAddress } from '../../diag/page-access/page-places.ts';

export function ownAddresses(): readonly OwnAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([deviceName, addresses = []]) =>
    addresses.map(({ address }) => ({ deviceName, address })),
  );
}

export async function listenAtAddress(
  server: Server,
  address: string,
  port: number,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: address, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
