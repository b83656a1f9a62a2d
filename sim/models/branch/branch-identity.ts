/**
 * The branch's certificates and the last good time, kept on a model disk by the code that ships: so a power cut between
 * any two steps of a file leaves what POSIX allows it to leave.
 *
 * Nothing is signed here: a certificate is a text that says whose key it is for and from when to when it is good.
 */
import { IdentityPairs } from '../../../agent/durable/identity-pairs.ts';
import { keepNames, readKeptNames } from '../../../agent/durable/kept-names.ts';
import { keepSealed, readSealed } from '../../../agent/durable/sealed-file.ts';
import type {
  IdentityDone,
  IdentityFacts,
  IdentityWork,
  PairFacts,
} from '../../../agent/model/certificate.ts';
import type { KeptName } from '../../../agent/model/gateway-name.ts';
import { FilesRefused } from '../../../agent/ports.ts';
import type { SeededRandom } from '../../../firmware-shim/base/random.ts';
import { CANARY_SECRET } from '../../checks/canary-secret.ts';
import type { World } from '../../world/world.ts';
import { ModelDisk, PowerCut } from '../disk/model-disk.ts';
import { CERTIFICATE_LIFE_MS, type SimCertificate } from '../far-end/certificate-desk.ts';

const DAY_MS = 86_400_000;
const CLOCK_FILE = 'clock';
/** No certificate of the CA is good for longer. */
const CEILING_MS = 10 * 365 * DAY_MS;
const SECRET_KEY = `key ${CANARY_SECRET} `;
/** Of all disks that may be found, one of the first so many is. */
const FOUND_MAX = 16;

export interface BranchIdentityOptions {
  readonly world: World;
  readonly certificateAgeDays: number;
  /** The power went between two steps of a file. */
  readonly onPowerCut: () => void;
}

export class BranchIdentity {
  readonly #options: BranchIdentityOptions;
  readonly #bornMs: number;
  #disk = new ModelDisk();
  #keys = 0;
  #shown: SimCertificate | undefined;
  /** The names of gateways as they were kept last. */
  lastKept: readonly KeptName[] = [];

  constructor(options: BranchIdentityOptions) {
    const { world, certificateAgeDays } = options;
    this.#options = options;
    this.#bornMs = Math.round(world.trueWallMs - certificateAgeDays * DAY_MS);
    const first = { fromMs: this.#bornMs, endMs: this.#bornMs + CERTIFICATE_LIFE_MS };
    const key = this.#newKey();
    this.#pairs.complete(JSON.stringify({ key: publicOf(key), ...first }), key);
  }

  /** What a start of the agent finds. */
  facts(): IdentityFacts {
    const pairs = this.#known();
    this.#shown = this.#certificateOf(pairs[0]?.generation);
    const floorMs = Math.max(this.#bornMs, this.#keptMs ?? 0);
    return { pairs, renews: true, floorMs, ceilingMs: this.#bornMs + CEILING_MS };
  }

  /** Whether a gateway has ever told it. */
  get knowsTime(): boolean {
    return this.#keptMs !== undefined;
  }

  /** The certificate that the next connection shows. */
  get shown(): SimCertificate | undefined {
    return this.#shown;
  }

  /** The power goes at this step of the next small file, counted from now. */
  cutAtStep(step: number): void {
    this.#disk.troubles = { cutAtStep: this.#disk.steps.length + step };
  }

  /** It does not after all. */
  spare(): void {
    this.#disk.troubles = {};
  }

  /** What is found afterwards: one of the disks that may be. */
  cutPower(random: SeededRandom): void {
    const found: ModelDisk[] = [];
    for (const disk of this.#disk.afterPowerCut()) {
      found.push(disk);
      if (found.length === FOUND_MAX) break;
    }
    this.#disk = found[random.u32() % found.length] ?? this.#disk;
  }

  perform(work: IdentityWork, done: (event: IdentityDone) => void): void {
    try {
      this.#perform(work, done);
    } catch (error) {
      if (error instanceof PowerCut) this.#options.onPowerCut();
      else if (!(error instanceof FilesRefused)) throw error;
      else done({ type: 'workFailed', code: error.code, text: error.message });
    }
  }

  #perform(work: IdentityWork, done: (event: IdentityDone) => void): void {
    const pairs = this.#pairs;
    switch (work.what) {
      case 'makeRequest': {
        const key = pairs.waitingKey(() => this.#newKey());
        return done({ type: 'requestMade', request: publicOf(key) });
      }
      case 'keepPair': {
        const key = pairs.waitingKey(() => this.#newKey());
        const { key: issuedFor } = JSON.parse(work.certificate) as SimCertificate;
        if (issuedFor !== publicOf(key)) throw new FilesRefused('EKEY', 'for another key');
        pairs.complete(work.certificate, key);
        const [pair] = this.#known();
        return pair && done({ type: 'pairKept', pair });
      }
      case 'usePair':
        this.#shown = this.#certificateOf(work.generation) ?? this.#shown;
        return undefined;
      case 'provePair':
        return pairs.proved(work.generation);
      case 'discardPair':
        return pairs.discard(work.generation);
      case 'keepTime':
        keepSealed(this.#disk, CLOCK_FILE, new TextEncoder().encode(String(work.wallMs)));
        return undefined;
      case 'setSystemClock':
        return this.#options.world.setWall(work.wallMs);
      case 'enrol':
      case 'takeWays':
      case 'leaveEnrolment':
        // A certificate of the world never ends within a run: nobody needs to ask as a new device.
        return undefined;
    }
  }

  /** What is behind the names of gateways, as a start of the agent finds it. */
  keptNames(): readonly KeptName[] {
    return readKeptNames(this.#disk).names;
  }

  keepNames(names: readonly KeptName[]): void {
    this.lastKept = names;
    try {
      keepNames(this.#disk, names);
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
      this.#options.onPowerCut();
    }
  }

  get #keptMs(): number | undefined {
    const { content } = readSealed(this.#disk, CLOCK_FILE);
    return content === undefined ? undefined : Number(new TextDecoder().decode(content));
  }

  get #pairs(): IdentityPairs {
    return new IdentityPairs(this.#disk);
  }

  #known(): readonly PairFacts[] {
    return this.#pairs.all().map(({ generation, certificate }) => {
      const { fromMs, endMs } = JSON.parse(certificate) as SimCertificate;
      return { generation, fromMs, endMs };
    });
  }

  #certificateOf(generation: number | undefined): SimCertificate | undefined {
    const pair = this.#pairs.all().find((each) => each.generation === generation);
    return pair && (JSON.parse(pair.certificate) as SimCertificate);
  }

  #newKey(): string {
    this.#keys += 1;
    return `${SECRET_KEY}${this.#keys}`;
  }
}

/** What may be shown to everybody. */
function publicOf(key: string): string {
  return key.replace(SECRET_KEY, 'public ');
}
