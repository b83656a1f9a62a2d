/**
 * The views of a running agent, by name.
 */
import type { AgentSnapshot } from '../model/snapshot.ts';
import { boardView, sensorsView } from './board-view.ts';
import { linksView } from './links-view.ts';
import { eventsView, routesView } from './routes-view.ts';
import { statusView } from './status-view.ts';
import { tunnelsView } from './tunnels-view.ts';
import type { View, ViewName } from './view.ts';
import { whyView } from './why-view.ts';

/** What of a view is wanted, where it can be cut. */
export interface ViewCut {
  /** Events. */
  readonly last?: number;
  /** Of `why`. */
  readonly tunnel?: string;
}

export function viewOf(name: ViewName, snapshot: AgentSnapshot, cut: ViewCut = {}): View {
  switch (name) {
    case 'status':
      return statusView(snapshot);
    case 'links':
      return linksView(snapshot);
    case 'tunnels':
      return tunnelsView(snapshot);
    case 'routes':
      return routesView(snapshot);
    case 'board':
      return boardView(snapshot);
    case 'sensors':
      return sensorsView(snapshot);
    case 'events':
      return eventsView(snapshot, cut.last ?? snapshot.notes.length);
    case 'why':
      return whyView(snapshot, cut.tunnel);
  }
}
