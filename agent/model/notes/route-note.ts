/** Notes about routes. */
export type RouteNote =
  | {
      readonly code: 'routesInstalled';
      readonly level: 'info';
      readonly prefixes: number;
      readonly nexthop: string;
    }
  | { readonly code: 'routePutBack'; readonly level: 'warning'; readonly destination: string }
  | { readonly code: 'routesAdopted'; readonly level: 'info'; readonly prefixes: number }
  | {
      /** A published prefix would take addresses of the LAN away from it. */
      readonly code: 'prefixRefused';
      readonly level: 'warning';
      readonly prefix: string;
      readonly because: string;
    }
  | { readonly code: 'routesLost'; readonly level: 'warning'; readonly because: string }
  | { readonly code: 'kernelSilent'; readonly level: 'error'; readonly waitedMs: number }
  | {
      readonly code: 'kernelRefused';
      readonly level: 'error';
      readonly operation: string;
      readonly errno: string;
      readonly text: string;
    };
