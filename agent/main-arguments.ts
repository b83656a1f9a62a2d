/**
 * The command line and the environment of `sag-agent`: what it accepts, and what it refuses to start with.
 */
import { parseArgs } from 'node:util';

/** The exit codes of sysexits.h, as far as they fit; see `USAGE`. */
export const EXIT = {
  fine: 0,
  usage: 64,
  /** A port, a program or a permission the agent cannot work without is missing. */
  unavailable: 69,
  /** Our own invariant is broken; the supervisor restarts us. */
  internal: 70,
  environment: 77,
  config: 78,
} as const;

export const USAGE = `usage: sag-agent --config FILE [--check] [--remove-tunnels-on-exit]

  --config FILE              the configuration of this appliance
  --check                    read the configuration, say what is wrong with it, and end
  --remove-tunnels-on-exit   take the tunnels, their routes and rules away at the end, and give out no more
                             addresses; without it they stay and carry traffic

exit codes: 0 ended as asked, 64 wrong use, 69 something needed is missing, 70 a fault of ours,
            77 an environment that would weaken the agent, 78 the configuration was refused
`;

export interface Arguments {
  readonly configFile: string;
  readonly checkOnly: boolean;
  readonly tunnelsOnExit: 'keep' | 'remove';
}

/** The arguments, `help`, or the sentence that says what is wrong with them. */
export function readArguments(argv: readonly string[]): Arguments | string {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        config: { type: 'string' },
        check: { type: 'boolean', default: false },
        'remove-tunnels-on-exit': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return 'help';
    if (values.config === undefined) return '--config is missing';
    return {
      configFile: values.config,
      checkOnly: values.check,
      tunnelsOnExit: values['remove-tunnels-on-exit'] ? 'remove' : 'keep',
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Options of Node that open a debugger, write secrets of TLS or of memory to a file, or load foreign code. */
const WEAKENING_OPTIONS =
  /--(?:inspect|tls-keylog|tls-min|tls-cipher|heapsnapshot|heap-prof|require|import|loader|experimental-loader|openssl)|(?:^|\s)-r\s/;
/** The same as arguments of the process; its own launcher may load what it needs. */
const WEAKENING_ARGUMENTS = /^--(?:inspect|tls-keylog|tls-min|tls-cipher|heapsnapshot|heap-prof)/;
/** Variables that load foreign code into this process or into its TLS. */
const FOREIGN_CODE = [
  'LD_PRELOAD',
  'LD_AUDIT',
  'OPENSSL_CONF',
  'OPENSSL_MODULES',
  'OPENSSL_ENGINES',
];

/** Why this environment is refused, or undefined when it is sound. */
export function weakness(
  environment: Readonly<NodeJS.ProcessEnv>,
  execArguments: readonly string[] = [],
): string | undefined {
  if (environment['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    return 'EENVIRONMENT: NODE_TLS_REJECT_UNAUTHORIZED=0 would switch certificate checks off';
  }
  if (environment['SSLKEYLOGFILE'] !== undefined) {
    return 'EENVIRONMENT: SSLKEYLOGFILE asks for the secrets of TLS connections';
  }
  const foreign = FOREIGN_CODE.find((name) => (environment[name] ?? '') !== '');
  if (foreign !== undefined) return `EENVIRONMENT: ${foreign} loads foreign code into the agent`;
  const argument = execArguments.find((each) => WEAKENING_ARGUMENTS.test(each));
  if (argument !== undefined) return `EENVIRONMENT: the agent was started with ${argument}`;
  const options = environment['NODE_OPTIONS'] ?? '';
  return WEAKENING_OPTIONS.test(options)
    ? `EENVIRONMENT: NODE_OPTIONS holds ${WEAKENING_OPTIONS.exec(options)?.[0]}`
    : undefined;
}
