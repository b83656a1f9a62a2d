/** Sends the probes the wiring asks for, and gives it their answers. */
import type { ControlEvent, ProbeEffect } from '../wiring/control-events.ts';
import type { ControlPorts } from './control-ports.ts';

export function performProbe(
  effect: ProbeEffect,
  { prober, echoes }: Pick<ControlPorts, 'prober' | 'echoes'>,
  post: (event: ControlEvent) => void,
): void {
  if (effect.type === 'probePath') {
    return prober.probe(effect.target, (answer) => post({ ...effect, type: 'pathProbed', answer }));
  }
  return echoes.echo(effect.target, (answer) => post({ ...effect, type: 'echoAnswered', answer }));
}
