/**
 * `make bench BENCH=suite`: runs one suite of paired benchmarks and writes `out/bench-<suite>.json`.
 */
import { runAccessSuite } from './access.ts';
import { runDiagSuite } from './diag.ts';
import { runFailoverSuite } from './failover.ts';
import { runShimSuite } from './shim.ts';
import { runSimSuite } from './sim.ts';
import { runTunnelSuite } from './tunnel.ts';

type Suite = (outDirectory: string) => Promise<number>;

const SUITES: Readonly<Record<string, Suite>> = {
  access: runAccessSuite,
  diag: runDiagSuite,
  failover: runFailoverSuite,
  shim: runShimSuite,
  sim: runSimSuite,
  tunnel: runTunnelSuite,
};
const OUT_DIRECTORY = new URL('../out', import.meta.url).pathname;

const [name = ''] = process.argv.slice(2);
const suite = Object.hasOwn(SUITES, name) ? SUITES[name] : undefined;
if (suite === undefined) {
  console.error(`bench: ESUITE: there is no suite "${name}"; there is: ${Object.keys(SUITES)}`);
  process.exit(2);
}
process.exitCode = await suite(OUT_DIRECTORY);
