/**
 * `sag-sim`: everything that is simulated, behind one front door.
 *
 * Each subcommand loads only what it needs, so that `sag-sim ccn` works where no network lab can.
 */
const USAGE = `usage: sag-sim <command>

  demo                        the whole product in a network lab, with a live view, until Ctrl-C
  demo --script cable-pull    the same, headless: breaks things, measures, writes out/demo.json
  stories                     failovers of real tunnels over two impaired uplinks, told and judged
  lab [-- COMMAND...]         only the network: check every hop and fault, or run COMMAND in it
  world run|replay|canaries   the deterministic world: many seeds, or one again step by step
  fleet --devices N           N of the shipped cores against one gateway
  board --link PATH           a simulated board on a pty
  ccn create|list|bind-sag|bind-cen|unbind|delete|era|areas|check
  cen create|attach-vpc|list|buy-plan|connect
  sag buy|list                the console of the cloud side: instances and bindings, kept on disk
  sag set-route|drop-route|set-lan|drop-lan|set-ha|set-health-check|drop-health-check|orders
                              what a bound device shall do itself
  chain SERIAL                SAG → CCN → CEN → VPC of one branch, and the link that is missing
`;

type Subcommand = (argv: readonly string[]) => Promise<number>;

const SUBCOMMANDS: Readonly<Record<string, () => Promise<Subcommand>>> = {
  demo: async () => (await import('./lab/demo-command.ts')).runDemoCommand,
  stories: async () => (await import('./lab/stories/stories-command.ts')).runStoriesCommand,
  lab: async () => (await import('./lab/lab-command.ts')).runLabCommand,
  world: async () => (await import('./world/world-command.ts')).runWorldCommand,
  fleet: async () => (await import('./commands/fleet-command.ts')).runFleetCommand,
  board: async () => (await import('./commands/board-command.ts')).runBoardCommand,
  ccn: async () => (await import('./commands/ccn-command.ts')).runCcnCommand,
  cen: async () => (await import('./commands/cen-command.ts')).runCenCommand,
  sag: async () => (await import('./commands/sag-command.ts')).runSagCommand,
  chain: async () => (await import('./commands/chain-command.ts')).runChainCommand,
  inside: async () => (await import('./lab/inside.ts')).runInside,
};

const [name = 'help', ...argv] = process.argv.slice(2);
const load = Object.hasOwn(SUBCOMMANDS, name) ? SUBCOMMANDS[name] : undefined;
if (load === undefined) {
  const asked = ['help', '--help', '-h'].includes(name);
  if (!asked) console.error(`sag-sim: ECOMMAND: there is no command "${name}"\n`);
  (asked ? console.log : console.error)(USAGE);
  process.exit(asked ? 0 : 2);
}
try {
  const subcommand = await load();
  process.exitCode = await subcommand(argv);
  if (name === 'inside') process.exit();
} catch (error) {
  console.error(`sag-sim ${name}: ${error instanceof Error ? error.message : String(error)}`);
  if (process.env['SAG_DEBUG'] !== undefined) console.error(error);
  process.exit(1);
}
