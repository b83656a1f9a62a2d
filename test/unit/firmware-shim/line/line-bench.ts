/**
 * A board line under test: hand it frames as a board would send them, read what it does.
 */
import { SeededRandom } from '../../../../firmware-shim/base/random.ts';
import { BoardLine } from '../../../../firmware-shim/line/board-line.ts';
import type { LineEffect, LineEvent } from '../../../../firmware-shim/line/line-state.ts';
import type { BoardEvent } from '../../../../firmware-shim/ports.ts';
import { type Frame, NO_PAYLOAD } from '../../../../firmware-shim/wire/frame.ts';
import { encodeHello } from '../../../../firmware-shim/wire/hello-codec.ts';
import { encodeBoardMessage } from '../../../../firmware-shim/wire/message-codec.ts';
import type { BoardMessage } from '../../../../firmware-shim/wire/messages.ts';
import { advance } from '../../../kit/advance.ts';

const HELLO = encodeHello({
  model: 'sag-1000',
  hardwareRevision: 'A3',
  serialNumber: 'SAG1000-0001',
  firmwareVersion: '2.7.1',
  ports: [{ port: 5, role: 'WAN', copper: true }],
});

export class LineBench {
  readonly line = new BoardLine({ random: new SeededRandom(1), portName: '/dev/ttyS9' });
  readonly effects: LineEffect[] = [];
  nowMs = 0;
  bootEpoch = 100;
  #sequence = 0;

  /** Something happens now. Returns only what the line does about it. */
  hear(event: LineEvent): readonly LineEffect[] {
    const effects = this.line.handle(event, this.nowMs);
    this.effects.push(...effects);
    return effects;
  }

  /** Time passes. Returns what the line did meanwhile. */
  pass(forMs: number): readonly LineEffect[] {
    const untilMs = this.nowMs + forMs;
    const effects = advance(this.line, this.nowMs, untilMs).map(({ effect }) => effect);
    this.nowMs = untilMs;
    this.effects.push(...effects);
    return effects;
  }

  frame(frame: Partial<Frame> & Pick<Frame, 'kind'>): readonly LineEffect[] {
    return this.hear({
      type: 'frameReceived',
      frame: {
        sequence: 0,
        acknowledgement: 0,
        bootEpoch: this.bootEpoch,
        conversation: this.conversation,
        payload: NO_PAYLOAD,
        ...frame,
      },
    });
  }

  /** The number of the conversation the line asked for last. */
  get conversation(): number {
    return this.sent('ask').at(-1)?.conversation ?? 0;
  }

  /** Opens the port and meets the board. */
  meet(): this {
    this.hear({ type: 'started' });
    this.hear({ type: 'pipeOpened' });
    this.hello();
    return this;
  }

  hello(): readonly LineEffect[] {
    this.#sequence = 0;
    return this.frame({ kind: 'hello', payload: HELLO });
  }

  /** An unasked hello, as after a start. */
  announce(): readonly LineEffect[] {
    return this.frame({ kind: 'hello', conversation: 0, payload: HELLO });
  }

  /** The board's next message. */
  say(message: BoardMessage, acknowledgement = 0): readonly LineEffect[] {
    this.#sequence += 1;
    return this.frame({
      kind: 'message',
      sequence: this.#sequence,
      acknowledgement,
      payload: encodeBoardMessage(message),
    });
  }

  give(id: number): readonly LineEffect[] {
    const command = { kind: 'ledSet', led: 'CLOUD', mode: 'on' } as const;
    return this.hear({ type: 'commandGiven', id, command });
  }

  sent(kind?: Frame['kind']): readonly Frame[] {
    return this.effects.flatMap((effect) =>
      effect.type === 'sendFrame' && (kind === undefined || effect.frame.kind === kind)
        ? [effect.frame]
        : [],
    );
  }

  told(): readonly BoardEvent[] {
    return this.effects.flatMap((effect) => (effect.type === 'tell' ? [effect.event] : []));
  }

  notes(): readonly string[] {
    return this.effects.flatMap((effect) => (effect.type === 'note' ? [effect.note.code] : []));
  }
}
