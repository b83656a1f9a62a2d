/**
 * Hands browser connections, accepted outside the enclosure, to the agent's page inside it: bytes both ways.
 */
import { connect, type Server, type Socket } from 'node:net';

/** A person has a handful of tabs; more at once is not a person. */
const CONNECTIONS_MAX = 32;

/** Ends all relayed connections when called. */
export function relayPage(server: Server, pageSocket: string): () => void {
  const open = new Set<Socket>();
  const onConnection = (browser: Socket): void => {
    if (open.size >= CONNECTIONS_MAX) {
      browser.destroy();
      return;
    }
    const page = connect(pageSocket);
    open.add(browser);
    const end = (): void => {
      open.delete(browser);
      browser.destroy();
      page.destroy();
    };
    for (const side of [browser, page]) {
      side.on('error', end);
      side.on('close', end);
    }
    browser.pipe(page);
    page.pipe(browser);
  };
  server.on('connection', onConnection);
  return () => {
    server.off('connection', onConnection);
    for (const socket of open) socket.destroy();
  };
}
