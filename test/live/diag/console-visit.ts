/** Runs in a network namespace: opens the doors without a word about the page, visits it, and prints what it was given. */
import { request } from 'node:http';
import { DoorsRoom } from './doors-room.ts';

async function statusAt(address: string, host: string): Promise<number | string> {
  return new Promise((resolve) => {
    const asked = request({ host: address, port: 80, path: '/', headers: { host } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asked.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    asked.end();
  });
}

const room = new DoorsRoom();
await room.open();
const seen = {
  console: await statusAt('192.168.0.1', '192.168.0.1'),
  rebound: await statusAt('192.168.0.1', 'evil.example'),
  uplink: await statusAt('192.168.88.1', '192.168.88.1'),
  elsewhere: await statusAt('127.0.0.1', '127.0.0.1'),
};
await room.clear();
process.stdout.write(JSON.stringify(seen));
process.exit(0);
