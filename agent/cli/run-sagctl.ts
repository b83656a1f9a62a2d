/**
 * Runs one `sagctl` command and answers with its exit code.
 *
 * Each command brings its own code only when it is asked for: `sagctl status` is often called, and Node reads what is
 * imported. What goes to a terminal is escaped by the blocks and sentences themselves.
 */
import { printable } from '../report/render-printable.ts';
import { readArguments, WrongUsage } from './arguments.ts';
import type { CommandName } from './command-table.ts';
import { AgentUnreachable } from './control-client.ts';
import { EXIT, type Runner, type Terminal } from './terminal.ts';

const view = async (): Promise<Runner> => (await import('./run-view.ts')).runView;
const tool = async (): Promise<Runner> => (await import('./run-tool.ts')).runTool;
const act = async (): Promise<Runner> => (await import('./run-act.ts')).runAct;

const RUNNERS: Readonly<Record<CommandName, () => Promise<Runner>>> = {
  status: view,
  links: view,
  tunnels: view,
  routes: view,
  board: async () => (await import('./run-board.ts')).runBoard,
  sensors: view,
  events: view,
  why: view,
  watch: view,
  check: async () => (await import('./run-check.ts')).runCheck,
  notes: async () => (await import('./run-notes.ts')).runNotes,
  ping: tool,
  trace: tool,
  dns: tool,
  probe: tool,
  capture: tool,
  blink: act,
  switch: act,
  rekey: act,
  'log-level': act,
  wan: async () => (await import('./run-wan.ts')).runWan,
  bundle: async () => (await import('./run-bundle.ts')).runBundle,
  metrics: async () => (await import('./run-print.ts')).runMetrics,
  completion: async () => (await import('./run-print.ts')).runCompletion,
};

export async function runSagctl(argv: readonly string[], terminal: Terminal): Promise<number> {
  const request = readArguments(argv);
  switch (request.kind) {
    case 'help': {
      const { helpText } = await import('./help.ts');
      terminal.out(helpText(request.of));
      return EXIT.well;
    }
    case 'wrong':
      return wrong(request.sentence, terminal);
    case 'run':
      try {
        const run = await RUNNERS[request.invocation.command]();
        return await run(request.invocation, terminal);
      } catch (error) {
        if (error instanceof WrongUsage) return wrong(error.message, terminal);
        if (!(error instanceof AgentUnreachable)) throw error;
        terminal.err(`sagctl: ${printable(error.message)}\n`);
        return EXIT.unreachable;
      }
  }
}

function wrong(sentence: string, terminal: Terminal): number {
  terminal.err(`sagctl: ${printable(sentence)}; see 'sagctl --help'\n`);
  return EXIT.usage;
}
