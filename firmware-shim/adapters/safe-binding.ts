/**
 * A serial port whose unplugging is always noticed.
 *
 * The stock binding retries a read of 0 bytes for ever, so a port that hangs up while data arrives spins at
 * full load and never closes. A terminal read of 0 bytes means "hung up" (VMIN is 1); here it disconnects,
 * as do the errors a vanished device gives.
 */
import { read } from 'node:fs';
import { promisify } from 'node:util';

/** The part of the Linux binding's open port that is used here. */
export interface PollablePort {
  readonly isOpen: boolean;
  readonly fd: number | null;
  readonly poller: {
    once(event: 'readable', callback: (error: Error | null) => void): unknown;
  };
  read(
    buffer: Buffer,
    offset: number,
    length: number,
  ): Promise<{ buffer: Buffer; bytesRead: number }>;
}

/** A binding that opens such ports; its options are its own business. */
export interface PortOpener {
  open(options: never): Promise<PollablePort>;
}

const readOnce = promisify(read);

/** Nothing to read just now. */
const NOT_YET: readonly string[] = ['EAGAIN', 'EWOULDBLOCK', 'EINTR'];

/** Wraps `binding` so that every port it opens reads safely. */
export function safeBinding<Binding extends PortOpener>(binding: Binding): Binding {
  const open = async (options: never): Promise<PollablePort> => {
    const port = await binding.open(options);
    port.read = (buffer, offset, length) => safeRead(port, buffer, offset, length);
    return port;
  };
  return { ...binding, open };
}

async function safeRead(
  port: PollablePort,
  buffer: Buffer,
  offset: number,
  length: number,
): Promise<{ buffer: Buffer; bytesRead: number }> {
  for (;;) {
    if (port.fd === null) throw closed();
    try {
      const { bytesRead } = await readOnce(port.fd, buffer, offset, length, null);
      if (bytesRead > 0) return { buffer, bytesRead };
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (!NOT_YET.includes(code)) throw error;
      // Closed while the read was under way: its poller is freed, and touching that ends the process.
      if (!port.isOpen) throw closed();
      await readable(port);
      continue;
    }
    throw readError('the terminal hung up', { disconnect: true });
  }
}

/** The stream above takes `canceled` for "closed by us" and anything else for a disconnect. */
function closed(): Error {
  return readError('the port is closed', { canceled: true });
}

function readable({ poller }: PollablePort): Promise<void> {
  return new Promise((resolve, reject) => {
    poller.once('readable', (error) => (error === null ? resolve() : reject(error)));
  });
}

function readError(text: string, flags: Readonly<Record<string, boolean>>): Error {
  return Object.assign(new Error(text), flags);
}
