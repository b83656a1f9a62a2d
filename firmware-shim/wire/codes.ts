/**
 * The numbers that stand for words on the wire. A number once given is never given to another word.
 */
import type {
  BoardModel,
  Button,
  Capability,
  CommandReply,
  CommandResult,
  Duplex,
  Led,
  LedMode,
  LteStrength,
  PortRole,
  SensorKind,
  SpareSlot,
  StartCause,
  UpdateStatus,
} from './messages.ts';

/** Both directions of one enumeration. */
export interface Codes<Word extends string> {
  codeOf(word: Word): number;
  /** Undefined for a number that stands for nothing. */
  wordOf(code: number): Word | undefined;
}

function codes<Word extends string>(table: Readonly<Record<Word, number>>): Codes<Word> {
  const words = new Map<number, Word>();
  for (const word in table) words.set(table[word], word);
  return { codeOf: (word) => table[word], wordOf: (code) => words.get(code) };
}

export const BOARD_MODELS = codes<BoardModel>({ 'sag-1000': 1, 'sag-100wm': 2 });
export const PORT_ROLES = codes<PortRole>({ NONE: 0, WAN: 1, LAN: 2, ECC: 3, MGT: 4 });
export const DUPLEXES = codes<Duplex>({ unknown: 0, half: 1, full: 2 });
export const LTE_STRENGTHS = codes<LteStrength>({ Unavailable: 0, Low: 1, Middle: 2, High: 3 });
export const LEDS = codes<Led>({ PWR: 1, SYS: 2, CLOUD: 3, LTE: 4, WAN: 5, WIFI: 6, ALARM: 7 });
export const LED_MODES = codes<LedMode>({ off: 0, on: 1, blink: 2 });
export const BUTTONS = codes<Button>({ RESET: 1 });
export const SENSOR_KINDS = codes<SensorKind>({ temperature: 1, fan: 2, voltage: 3 });
export const COMMAND_RESULTS = codes<CommandResult>({ done: 0, unsupported: 1, refused: 2 });
export const START_CAUSES = codes<StartCause>({
  power: 0,
  commanded: 1,
  watchdog: 2,
  fault: 3,
  activation: 4,
  fallback: 5,
});
export const REPLIES = codes<CommandReply['kind']>({
  clock: 1,
  firmware: 2,
  update: 3,
  identityProof: 4,
});
export const SPARE_SLOTS = codes<SpareSlot>({
  empty: 0,
  receiving: 1,
  verified: 2,
  failed: 3,
  former: 4,
});
/** Refusals begin at 16. */
export const UPDATE_STATUSES = codes<UpdateStatus>({
  ready: 0,
  verified: 1,
  activating: 2,
  confirmed: 3,
  aborted: 4,
  wrongModel: 16,
  wrongChecksum: 17,
  tooLarge: 18,
  tooOld: 19,
  incomplete: 20,
  outOfTurn: 21,
});

/** Bit numbers in the capability mask of `ask` and `hello`. */
export const CAPABILITY_BITS: Readonly<Record<Capability, number>> = {
  findMe: 0,
  resetLock: 1,
  watchdog: 2,
  clock: 3,
  firmwareQuery: 4,
  firmwareUpdate: 5,
  startReport: 6,
  identityProof: 7,
};

/** First byte of a `message` payload. Below 32 the board speaks, from 32 the host. */
export const MESSAGE_TYPES = {
  portCarrier: 1,
  lteSignal: 2,
  sensors: 3,
  button: 4,
  buttonRefused: 5,
  boardStarted: 6,
  commandAnswer: 16,
  commandReply: 17,
  ledSet: 32,
  boardReset: 33,
  findMe: 34,
  resetLockSet: 35,
  watchdogArm: 36,
  watchdogKick: 37,
  watchdogDisarm: 38,
  clockGet: 39,
  clockSet: 40,
  firmwareQuery: 41,
  proveIdentity: 42,
  updateBegin: 48,
  updateChunk: 49,
  updateVerify: 50,
  updateActivate: 51,
  updateConfirm: 52,
  updateAbort: 53,
} as const;
