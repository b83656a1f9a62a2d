import { expect, test } from 'vitest';
import { SerialLine } from '../../../../sim/models/board/serial-line.ts';
import { World } from '../../../../sim/world/world.ts';

function openLine(noisePpm = 0) {
  const world = new World(1);
  const line = new SerialLine(world, { baudRate: 115_200, noisePpm });
  const heard: string[] = [];
  const bytes: number[] = [];
  const open = (): void =>
    line.host.open({
      onOpen: () => heard.push('open'),
      onBytes: (chunk) => bytes.push(...chunk),
      onClosed: (why) => heard.push(why),
    });
  open();
  return { world, line, heard, bytes, open };
}

test('bytes arrive in order after the time their baud rate needs', async () => {
  const { world, line, bytes } = openLine();
  await world.run(10);
  line.writeFromBoard(Uint8Array.from({ length: 115 }, (_, at) => at));
  line.writeFromBoard(Uint8Array.of(200));
  await world.run(19.9);
  expect(bytes.length).toBeLessThan(115);
  await world.run(20.2);
  expect(bytes).toEqual([...Array.from({ length: 115 }, (_, at) => at), 200]);
});

test('unplugging closes the port, and opening it then says missing', async () => {
  const { world, line, heard, open } = openLine();
  await world.run(10);
  line.unplug();
  await world.run(20);
  open();
  await world.run(30);
  line.plug();
  open();
  await world.run(40);
  expect(heard).toEqual(['open', 'unplugged', 'missing', 'open']);
});

test('what was under way for a closed port is never heard by the next opening', async () => {
  const { world, line, bytes, open } = openLine();
  await world.run(10);
  line.writeFromBoard(new Uint8Array(100));
  line.host.close();
  open();
  await world.run(100);
  expect(bytes).toEqual([]);
});

test('noise flips about as many bytes as it says', async () => {
  const { world, line, bytes } = openLine(100_000);
  await world.run(10);
  line.writeFromBoard(new Uint8Array(5_000));
  await world.run(1_000);
  const flipped = bytes.filter((byte) => byte !== 0).length;
  expect(flipped).toBeGreaterThan(400);
  expect(flipped).toBeLessThan(600);
});

test('closing while the port is still opening is answered like any other close', async () => {
  const { world, line, heard } = openLine();
  line.host.close();
  line.host.close();
  await world.run(10);
  expect(heard).toEqual(['closed']);
});
