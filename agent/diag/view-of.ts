/**
 * The views of a running agent, by name.
 */
import type { AgentSnapshot } from '../model/snapshot.ts';
import { linksView } from './links-view.ts';
import { statusView } from './status-view.ts';
import { tunnelsView } from './tunnels-view.ts';
import type { View } from './view.ts';
import { whyView } from './why-view.ts';

export type ViewName = 'status' | 'links' | 'tunnels' | 'why';

export function viewOf(name: ViewName, snapshot: AgentSnapshot): View {
  switch (name) {
    case 'status':
      return statusView(snapshot);
    case 'links':
      return linksView(snapshot);
    case 'tunnels':
      return tunnelsView(snapshot);
    case 'why':
      return whyView(snapshot);
  }
}
